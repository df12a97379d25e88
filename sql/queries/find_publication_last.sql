-- Give the last publication of a period, as known at a moment; its fingerprint is the last state that says the same.
-- grain: period
-- needs: publication, publication_confirmed; parameters as_of, period_key
SELECT
    publication.period_key, publication.number, publication.published_at,
    COALESCE(
        (
            SELECT confirmed.fingerprint
            FROM publication_confirmed AS confirmed
            WHERE confirmed.period_key = publication.period_key
                AND confirmed.number = publication.number
                AND confirmed.confirmed_at <= CAST(:as_of AS timestamptz)
            ORDER BY confirmed.confirmation_no DESC
            LIMIT 1
        ),
        publication.fingerprint
    ) AS fingerprint
FROM publication
WHERE publication.period_key = :period_key AND publication.published_at <= CAST(:as_of AS timestamptz)
ORDER BY publication.number DESC
LIMIT 1
