-- Let one publisher at a time build and publish a period, until its connection ends; the same lock as lock_publication.
-- grain: none
-- needs: parameter period_key
SELECT pg_advisory_lock(hashtextextended('publication ' || CAST(:period_key AS text), 0))
