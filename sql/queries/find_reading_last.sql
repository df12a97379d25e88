-- Give the last reading of a submission, with the periods it touched.
-- grain: submission
-- needs: reading, report
SELECT
    reading.revision,
    reading.fingerprint,
    ARRAY(
        SELECT DISTINCT report.period_key
        FROM report
        WHERE report.submission = reading.submission AND report.revision = reading.revision
    ) AS period_keys
FROM reading
WHERE reading.submission = :submission
ORDER BY reading.revision DESC
LIMIT 1
