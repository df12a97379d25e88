-- Ask for a submission to be judged again.
-- grain: submission
-- needs: rejudgement
INSERT INTO rejudgement (submission, cause)
VALUES (:submission, :cause)
