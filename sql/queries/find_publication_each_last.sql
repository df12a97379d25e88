-- Give of each period that was ever published the last publication, and the last state that says the same.
-- grain: period
-- needs: publication, publication_confirmed
SELECT DISTINCT ON (publication.period_key)
    publication.period_key, publication.period_start, publication.period_end, publication.number, publication.published_at,
    COALESCE(confirmed.fingerprint, publication.fingerprint) AS fingerprint
FROM publication
LEFT JOIN publication_confirmed AS confirmed
    ON confirmed.period_key = publication.period_key AND confirmed.number = publication.number
ORDER BY publication.period_key, publication.number DESC, confirmed.confirmation_no DESC
