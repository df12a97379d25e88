-- Let nobody migrate the warehouse while this connection lasts; waits for one who does.
-- grain: one row
-- needs: parameter lock
SELECT pg_advisory_lock_shared(:lock)
