-- List the reports that wait for the operator, the oldest first, each with the report that counts meanwhile.
-- grain: unit × period × submission
-- needs: standing, report, reading, submission, unit, report_known_at
WITH
waiting AS (
    SELECT standing.unit_no, standing.period_key, standing.submission, standing.cause
    FROM standing
    WHERE standing.stand = 'waits'
        AND NOT EXISTS (
            SELECT FROM standing AS later
            WHERE later.period_key = standing.period_key
                AND later.unit_no = standing.unit_no
                AND later.submission = standing.submission
                AND later.standing_no > standing.standing_no
        )
),
counting AS (
    SELECT known.report_no, known.unit_no, known.period_key, known.submission, known.received_at
    FROM report_known_at('infinity', ARRAY(SELECT DISTINCT waiting.period_key FROM waiting)) AS known
)
SELECT
    waiting.period_key, waiting.submission, waiting.cause, unit.code AS unit_code, unit.name AS unit_name, unit.kind AS unit_kind,
    submission.name, submission.received_at, report.report_no,
    counting.report_no AS counting_no, other.name AS counting_name, counting.received_at AS counting_received_at
FROM waiting
JOIN unit ON unit.unit_no = waiting.unit_no
JOIN submission ON submission.sha256 = waiting.submission
JOIN report
    ON report.submission = waiting.submission AND report.unit_no = waiting.unit_no AND report.period_key = waiting.period_key
        AND report.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = waiting.submission)
LEFT JOIN counting ON counting.unit_no = waiting.unit_no AND counting.period_key = waiting.period_key
LEFT JOIN submission AS other ON other.sha256 = counting.submission
ORDER BY submission.received_at, waiting.submission, unit.code
