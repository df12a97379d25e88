-- Note that a state of a period says just what its publication says.
-- grain: state
-- needs: publication_confirmed; lock_publication was taken
INSERT INTO publication_confirmed (period_key, number, fingerprint)
VALUES (:period_key, :number, :fingerprint)
