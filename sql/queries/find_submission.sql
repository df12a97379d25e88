-- Give a file by its name.
-- grain: submission
-- needs: submission; parameter submission
SELECT submission.sha256, submission.name, submission.size_bytes, submission.received_at, submission.sent_by,
    submission.modified_at, submission.archived_as
FROM submission
WHERE submission.sha256 = :submission
