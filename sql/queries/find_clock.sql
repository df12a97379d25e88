-- Give the server's clock.
-- grain: one row
-- needs: PostgreSQL
SELECT clock_timestamp()
