-- Let one publisher at a time number the publications of a period, until its transaction ends.
-- grain: none
-- needs: parameter period_key
SELECT pg_advisory_xact_lock(hashtextextended('publication ' || CAST(:period_key AS text), 0))
