-- Enter a publication into the ledger.
-- grain: publication
-- needs: publication; lock_publication was taken
INSERT INTO publication (period_key, number, published_at, fingerprint, content, coverage, inputs, files)
VALUES (
    :period_key,
    :number,
    :published_at,
    :fingerprint,
    CAST(:content AS jsonb),
    CAST(:coverage AS jsonb),
    CAST(:inputs AS jsonb),
    CAST(:files AS jsonb)
)
