-- Give one publication of a period with all that the ledger keeps of it, except its files.
-- grain: publication
-- needs: publication; parameters number, period_key
SELECT
    period_key, number, period_start, period_end, published_at, fingerprint, content, coverage, adjustments, inputs, causes, rules,
    program, files
FROM publication
WHERE period_key = :period_key AND number = :number
