-- List the files with a finding whose waiver has come to its end.
-- grain: submission
-- needs: finding, reading, waiver, submission; parameter today
SELECT submission.sha256, submission.name, submission.size_bytes, submission.received_at, submission.sent_by,
    submission.modified_at, submission.archived_as
FROM submission
WHERE EXISTS (
    SELECT FROM finding
    JOIN waiver ON waiver.waiver_no = finding.waiver_no
    WHERE finding.submission = submission.sha256
        AND finding.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = submission.sha256)
        AND waiver.until < CAST(:today AS date)
)
ORDER BY submission.received_at, submission.sha256
