-- Give the figures that a unit reported for the period that begins the day after.
-- grain: asked unit and period × row of the next report
-- needs: report_known_at, report_row, unit, period; asked as a JSON list

-- The shortest of several periods that begin that day. A unit that ends with the period has no next one.
WITH
asked AS (
    SELECT given.unit_code, given.period_key, given.end_date + 1 AS day, unit.unit_no
    FROM jsonb_to_recordset(CAST(:asked AS jsonb))
        AS given (unit_code text, period_key text, start_date date, end_date date)
    JOIN unit ON unit.code = given.unit_code AND unit.valid @> given.end_date
),
candidate AS (
    SELECT
        asked.unit_code, asked.period_key, report.report_no,
        row_number() OVER (PARTITION BY asked.unit_code, asked.period_key ORDER BY period.end_date) AS choice
    FROM asked
    JOIN period ON period.start_date = asked.day
    JOIN report_known_at(
        'infinity',
        ARRAY(SELECT following.period_key FROM period AS following WHERE following.start_date IN (SELECT asked.day FROM asked))
    ) AS report ON report.period_key = period.period_key AND report.unit_no = asked.unit_no
)
SELECT candidate.unit_code, candidate.period_key, report_row.*
FROM candidate
JOIN report_row ON report_row.report_no = candidate.report_no
WHERE candidate.choice = 1
