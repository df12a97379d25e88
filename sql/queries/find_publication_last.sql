-- Give the last publication of a period, as known at a moment.
-- grain: period
-- needs: publication; parameters as_of, period_key
SELECT period_key, number, published_at, fingerprint, content, coverage, inputs, files
FROM publication
WHERE period_key = :period_key AND published_at <= CAST(:as_of AS timestamptz)
ORDER BY number DESC
LIMIT 1
