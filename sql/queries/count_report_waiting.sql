-- Count the reports that wait for the operator's word, and say since when.
-- grain: one row
-- needs: standing
SELECT count(*) AS number, min(last.stands_at) AS since
FROM (
    SELECT DISTINCT ON (period_key, unit_no, submission) stand, stands_at
    FROM standing
    ORDER BY period_key, unit_no, submission, standing_no DESC
) AS last
WHERE last.stand = 'waits'
