-- Say for each report of a file, as last read, which file counts for its unit and period, and since when it is known.
-- grain: unit × period
-- needs: submission, reading, report, report_known_at, standing, unit; parameter submission
SELECT
    unit.code AS unit_code, unit.name AS unit_name, report.period_key,
    known.name AS known_name, known.received_at AS known_at, report.verdict <> 'rejected' AS is_accepted,
    counting.sha256, counting.name, counting.received_at,
    COALESCE(
        (
            SELECT standing.stand = 'waits'
            FROM standing
            WHERE standing.period_key = report.period_key
                AND standing.unit_no = report.unit_no
                AND standing.submission = known.sha256
            ORDER BY standing.standing_no DESC
            LIMIT 1
        ),
        false
    ) AS is_waiting
FROM submission AS known
JOIN report ON report.submission = known.sha256
JOIN unit ON unit.unit_no = report.unit_no
JOIN report_known_at(
    'infinity',
    ARRAY(SELECT DISTINCT said.period_key FROM report AS said WHERE said.submission = :submission)
) AS counts ON counts.unit_no = report.unit_no AND counts.period_key = report.period_key
JOIN submission AS counting ON counting.sha256 = counts.submission
WHERE known.sha256 = :submission
    AND report.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = :submission)
ORDER BY unit.code, unit.valid_from NULLS FIRST, report.period_key
