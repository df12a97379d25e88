-- List the files whose last reading has a report of the given periods, the oldest first.
-- grain: submission
-- needs: submission, reading, report; parameter period_keys
SELECT submission.sha256, submission.name, submission.size_bytes, submission.received_at, submission.sent_by,
    submission.modified_at, submission.archived_as
FROM submission
WHERE EXISTS (
    SELECT FROM report
    WHERE report.submission = submission.sha256
        AND report.period_key = ANY (CAST(:period_keys AS text[]))
        AND report.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = submission.sha256)
)
ORDER BY submission.received_at, submission.sha256
