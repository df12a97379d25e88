-- Enter a publication into the ledger.
-- grain: publication
-- needs: publication; lock_publication was taken
INSERT INTO publication (
    period_key, number, period_start, period_end, published_at, fingerprint, content, coverage, adjustments, inputs, causes,
    rules, program, files
)
VALUES (
    :period_key,
    :number,
    :period_start,
    :period_end,
    :published_at,
    :fingerprint,
    CAST(:content AS jsonb),
    CAST(:coverage AS jsonb),
    CAST(:adjustments AS jsonb),
    CAST(:inputs AS jsonb),
    CAST(:causes AS jsonb),
    :rules,
    :program,
    CAST(:files AS jsonb)
)
