-- Say when files that are known arrived first.
-- grain: submission
-- needs: submission; parameter submissions
SELECT sha256, received_at
FROM submission
WHERE sha256 = ANY(CAST(:submissions AS text[]))
