-- List the ledger of publications, of a period or of all, the oldest period first.
-- grain: publication
-- needs: publication_log, publication; parameter period_key
SELECT
    log.period_key, log.number, log.published_at, log.units_expected, log.units_in, log.is_partial, log.rules, log.program,
    publication.causes
FROM publication_log AS log
JOIN publication ON publication.period_key = log.period_key AND publication.number = log.number
WHERE CAST(:period_key AS text) IS NULL OR log.period_key = :period_key
ORDER BY log.period_end, log.period_start, log.number
