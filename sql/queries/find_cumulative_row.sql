-- Give the rows of reports for more than a month, and those of their months, where a unit has reported all of these.
-- grain: longer period × row of a report
-- needs: report_known_at, report_row, unit, period; parameters as_of, start_date, end_date

-- Longer periods that share a day with the days asked for. All columns of report_row: the form says which of them are
-- its measures.
WITH
longer AS (
    SELECT period_key, start_date, end_date
    FROM period
    WHERE period_key !~ '^[0-9]{4}-[0-9]{2}$' AND start_date <= :end_date AND end_date >= :start_date
),
part AS (
    SELECT longer.period_key AS longer_key, longer.end_date - longer.start_date + 1 AS longer_days, period.period_key,
        period.end_date - period.start_date + 1 AS days
    FROM longer
    JOIN period
        ON period.period_key ~ '^[0-9]{4}-[0-9]{2}$'
            AND period.start_date >= longer.start_date
            AND period.end_date <= longer.end_date
),
known AS MATERIALIZED (
    SELECT report_no, unit_no, period_key
    FROM report_known_at(
        CAST(:as_of AS timestamptz),
        ARRAY(SELECT period_key FROM longer UNION SELECT period_key FROM part)
    )
),
covered AS (
    SELECT part.longer_key, known.unit_no
    FROM part
    JOIN known ON known.period_key = part.period_key
    GROUP BY part.longer_key, part.longer_days, known.unit_no
    HAVING sum(part.days) = part.longer_days
),
compared AS (
    SELECT covered.longer_key, covered.unit_no, whole.report_no, true AS is_longer
    FROM covered
    JOIN known AS whole ON whole.unit_no = covered.unit_no AND whole.period_key = covered.longer_key
    UNION ALL
    SELECT covered.longer_key, covered.unit_no, monthly.report_no, false
    FROM covered
    JOIN known AS whole ON whole.unit_no = covered.unit_no AND whole.period_key = covered.longer_key
    JOIN part ON part.longer_key = covered.longer_key
    JOIN known AS monthly ON monthly.unit_no = covered.unit_no AND monthly.period_key = part.period_key
)
SELECT
    unit.code AS unit_code, unit.valid_from AS unit_valid_from, compared.longer_key, compared.is_longer,
    period.start_date, report_row.*
FROM compared
JOIN unit ON unit.unit_no = compared.unit_no
JOIN report_row ON report_row.report_no = compared.report_no
JOIN report ON report.report_no = compared.report_no
JOIN period ON period.period_key = report.period_key
