-- List the files that were received and never read, the oldest first.
-- grain: submission
-- needs: submission, reading; parameter at_most
SELECT submission.sha256, submission.name, submission.size_bytes, submission.received_at, submission.sent_by,
    submission.modified_at, submission.archived_as
FROM submission
WHERE NOT EXISTS (SELECT FROM reading WHERE reading.submission = submission.sha256)
ORDER BY submission.received_at, submission.sha256
LIMIT :at_most
