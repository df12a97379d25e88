-- Have rows copied out the same way on every server, and in the order in which they lie.
-- grain: one row
-- needs: PostgreSQL; holds until the transaction ends
SELECT
    set_config('datestyle', 'ISO, YMD', true),
    set_config('intervalstyle', 'postgres', true),
    set_config('timezone', 'UTC', true),
    set_config('bytea_output', 'hex', true),
    set_config('extra_float_digits', '1', true),
    set_config('max_parallel_workers_per_gather', '0', true),
    set_config('synchronize_seqscans', 'off', true)
