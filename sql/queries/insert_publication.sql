-- Enter a publication into the ledger, unless the last one of its period says the same; give its number.
-- grain: publication
-- needs: publication
INSERT INTO publication (period_key, number, fingerprint, content, coverage, inputs, files)
SELECT
    :period_key,
    COALESCE(max(number), 0) + 1,
    :fingerprint,
    CAST(:content AS jsonb),
    CAST(:coverage AS jsonb),
    CAST(:inputs AS jsonb),
    CAST(:files AS jsonb)
FROM publication
WHERE period_key = :period_key
HAVING COALESCE((array_agg(fingerprint ORDER BY number DESC))[1] <> :fingerprint, true)
RETURNING number
