-- Let one transaction at a time load a submission, or touch a unit's period; it waits in the order given.
-- grain: lock
-- needs: keys, a list of numbers
SELECT count(pg_advisory_xact_lock(key))
FROM unnest(CAST(:keys AS bigint[])) AS key
