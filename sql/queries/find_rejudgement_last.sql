-- Give the last open wish to judge each of some submissions again.
-- grain: submission
-- needs: rejudgement; parameter submissions
SELECT submission, max(rejudgement_no) AS wish
FROM rejudgement
WHERE done_at IS NULL AND submission = ANY (CAST(:submissions AS text[]))
GROUP BY submission
