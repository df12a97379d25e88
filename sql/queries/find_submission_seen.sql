-- Give the last reading of some files, and the last wish to judge them again, whether it is done or not; 0 for none.
-- grain: submission
-- needs: submission, reading, rejudgement; parameter submissions
SELECT
    submission.sha256,
    COALESCE((SELECT max(reading.revision) FROM reading WHERE reading.submission = submission.sha256), 0) AS revision,
    COALESCE((SELECT max(rejudgement_no) FROM rejudgement WHERE rejudgement.submission = submission.sha256), 0) AS wish
FROM submission
WHERE submission.sha256 = ANY (CAST(:submissions AS text[]))
