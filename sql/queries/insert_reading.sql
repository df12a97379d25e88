-- Record what a submission was taken to say.
-- grain: reading
-- needs: reading
INSERT INTO reading (submission, revision, outcome, fingerprint)
VALUES (:submission, :revision, :outcome, :fingerprint)
RETURNING read_at
