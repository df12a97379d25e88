-- Count the files that are still to be judged again, and say since when.
-- grain: one row
-- needs: rejudgement
SELECT count(DISTINCT submission) AS number, min(asked_at) AS since
FROM rejudgement
WHERE done_at IS NULL
