-- Count the files that were received and never read, and say since when.
-- grain: one row
-- needs: submission, reading
SELECT count(*) AS number, min(submission.recorded_at) AS since
FROM submission
WHERE NOT EXISTS (SELECT FROM reading WHERE reading.submission = submission.sha256)
