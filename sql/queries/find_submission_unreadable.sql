-- List the files that could not be read, the oldest first.
-- grain: submission
-- needs: submission, reading, finding
SELECT submission.sha256, submission.name, submission.sent_by, submission.received_at, finding.message_vi, finding.message_en
FROM submission
JOIN reading ON reading.submission = submission.sha256
JOIN finding ON finding.submission = reading.submission AND finding.revision = reading.revision
WHERE reading.outcome = 'unreadable'
    AND NOT EXISTS (
        SELECT FROM reading AS later
        WHERE later.submission = reading.submission AND later.revision > reading.revision
    )
ORDER BY submission.received_at, submission.sha256
