-- Give the figures that the unit, or those it was wholly made from, reported for the period that ends the day before.
-- grain: asked unit and period × row of a previous report
-- needs: report_known_at, report_row, unit, unit_succession, period; asked as a JSON list

-- Nothing for a unit that was made from parts, or while one of its predecessors has no accepted report.
WITH
asked AS (
    SELECT given.unit_code, given.period_key, given.start_date - 1 AS day, unit.unit_no, unit.code, unit.name, unit.valid_from
    FROM jsonb_to_recordset(CAST(:asked AS jsonb))
        AS given (unit_code text, period_key text, start_date date, end_date date)
    JOIN unit ON unit.code = given.unit_code AND unit.valid @> given.end_date
),
predecessor AS (
    SELECT asked.unit_code, asked.period_key, asked.day, asked.unit_no, true AS is_whole
    FROM asked
    JOIN unit ON unit.unit_no = asked.unit_no AND unit.valid @> asked.day
    UNION ALL
    SELECT asked.unit_code, asked.period_key, asked.day, unit.unit_no, succession.is_whole
    FROM asked
    JOIN unit_succession AS succession
        ON succession.to_code = asked.code AND succession.to_name = asked.name AND succession.on_date = asked.valid_from
    JOIN unit
        ON unit.code = succession.from_code AND unit.name = succession.from_name AND unit.valid @> asked.day
    WHERE asked.valid_from > asked.day
),
known AS (
    SELECT report.report_no, report.unit_no, report.period_key, period.start_date, period.end_date
    FROM period
    JOIN report_known_at(
        'infinity',
        ARRAY(SELECT period_key FROM period WHERE end_date IN (SELECT day FROM asked))
    ) AS report ON report.period_key = period.period_key
),
-- Several periods may end that day (a month, its quarter): the shortest one that all predecessors reported.
candidate AS (
    SELECT
        predecessor.unit_code, predecessor.period_key, known.period_key AS previous_key,
        row_number() OVER (
            PARTITION BY predecessor.unit_code, predecessor.period_key ORDER BY known.start_date DESC
        ) AS choice,
        array_agg(known.report_no) AS report_nos
    FROM predecessor
    JOIN known ON known.unit_no = predecessor.unit_no AND known.end_date = predecessor.day
    GROUP BY predecessor.unit_code, predecessor.period_key, known.period_key, known.start_date
    HAVING count(*) = (
        SELECT count(*) FILTER (WHERE whole.is_whole)
        FROM predecessor AS whole
        WHERE whole.unit_code = predecessor.unit_code AND whole.period_key = predecessor.period_key
        HAVING bool_and(whole.is_whole)
    )
)
SELECT candidate.unit_code, candidate.period_key, candidate.previous_key, report_row.*
FROM candidate
JOIN report_row ON report_row.report_no = ANY (candidate.report_nos)
WHERE candidate.choice = 1
