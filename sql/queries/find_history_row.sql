-- Give the figures of some units for the last periods of a kind, up to and with the ones asked for.
-- grain: row of a report
-- needs: report_known_at, report_row, unit, period; parameters asked (a JSON list), most

-- All columns of report_row: the form says which of them are its measures.
WITH
asked AS (
    SELECT DISTINCT
        unit.unit_no, given.start_date, regexp_replace(given.period_key, '[0-9]', '0', 'g') AS period_kind
    FROM jsonb_to_recordset(CAST(:asked AS jsonb))
        AS given (unit_code text, period_key text, start_date date, end_date date)
    JOIN unit ON unit.code = given.unit_code AND unit.valid @> given.end_date
),
moment AS (
    SELECT DISTINCT period_kind, start_date
    FROM asked
),
wanted AS (
    SELECT DISTINCT earlier.period_key
    FROM moment
    CROSS JOIN LATERAL (
        SELECT period.period_key
        FROM period
        WHERE regexp_replace(period.period_key, '[0-9]', '0', 'g') = moment.period_kind
            AND period.start_date <= moment.start_date
        ORDER BY period.start_date DESC
        LIMIT :most
    ) AS earlier
)
SELECT unit.code AS unit_code, unit.valid_from AS unit_valid_from, report.period_key, period.start_date, report_row.*
FROM report_known_at('infinity', ARRAY(SELECT period_key FROM wanted)) AS report
JOIN unit ON unit.unit_no = report.unit_no
JOIN period ON period.period_key = report.period_key
JOIN report_row ON report_row.report_no = report.report_no
WHERE report.unit_no IN (SELECT unit_no FROM asked)
