-- Say which server this is, how large the warehouse is, and who asks.
-- grain: one row
-- needs: PostgreSQL
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_standby,
    pg_database_size(current_database()) AS size_bytes,
    current_user AS role_name,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser
