-- List the submissions that are to be judged again, the oldest first.
-- grain: submission
-- needs: rejudgement, submission
SELECT submission.sha256, submission.name, submission.size_bytes, submission.received_at, submission.sent_by,
    submission.modified_at, submission.archived_as
FROM submission
WHERE EXISTS (SELECT FROM rejudgement WHERE rejudgement.submission = submission.sha256 AND rejudgement.done_at IS NULL)
ORDER BY submission.received_at, submission.sha256
