-- Add up each period over the wards, over the town's own desk, and over both, with how many units are in.
-- grain: period × scope (wards, desk, town)
-- needs: ward_period_known_at, coverage_known_at

-- A measure that a reporting unit neither reports nor determines is NULL here: never a partial sum.
-- A report with a row for all fields is counted by that row alone.
CREATE FUNCTION town_period_known_at(as_of timestamptz, wanted_keys text[] DEFAULT NULL)
RETURNS TABLE (
    period_key text, period_start date, period_end date, scope text,
    units_expected bigint, units_in bigint, is_partial boolean,
    received_total bigint,
    received_in_period bigint,
    received_online bigint,
    received_direct bigint,
    carried_over bigint,
    resolved_total bigint,
    resolved_in_time bigint,
    resolved_early bigint,
    resolved_on_time bigint,
    resolved_overdue bigint,
    pending_total bigint,
    pending_in_time bigint,
    pending_overdue bigint
)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    WITH
    scope AS (
        SELECT given.scope, given.is_desk
        FROM (VALUES ('wards', false), ('desk', true), ('town', false), ('town', true)) AS given (scope, is_desk)
    ),
    covered AS (
        SELECT
            scope.scope, coverage.period_key, coverage.period_start, coverage.period_end,
            count(*) AS units_expected,
            count(*) FILTER (WHERE coverage.status LIKE 'accepted%') AS units_in
        FROM coverage_known_at(as_of, wanted_keys) AS coverage
        JOIN scope ON scope.is_desk = coverage.is_desk
        WHERE coverage.is_expected
        GROUP BY scope.scope, coverage.period_key, coverage.period_start, coverage.period_end
    ),
    expected_row AS (
        SELECT figures.*
        FROM ward_period_known_at(as_of, wanted_keys) AS figures
        WHERE figures.period_end BETWEEN COALESCE(figures.unit_valid_from, '-infinity') AND COALESCE(figures.unit_valid_to, 'infinity')
    ),
    ranked AS (
        SELECT
            expected_row.*,
            bool_or(expected_row.field IS NOT DISTINCT FROM 'all') OVER (
                PARTITION BY expected_row.unit_code, expected_row.unit_valid_from, expected_row.period_key
            ) AS has_all
        FROM expected_row
    )
    SELECT
        covered.period_key, covered.period_start, covered.period_end, covered.scope,
        covered.units_expected, covered.units_in, covered.units_in < covered.units_expected,
        CASE WHEN count(ranked.unit_code) = count(ranked.received_total) THEN CAST(sum(ranked.received_total) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.received_in_period) THEN CAST(sum(ranked.received_in_period) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.received_online) THEN CAST(sum(ranked.received_online) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.received_direct) THEN CAST(sum(ranked.received_direct) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.carried_over) THEN CAST(sum(ranked.carried_over) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.resolved_total) THEN CAST(sum(ranked.resolved_total) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.resolved_in_time) THEN CAST(sum(ranked.resolved_in_time) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.resolved_early) THEN CAST(sum(ranked.resolved_early) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.resolved_on_time) THEN CAST(sum(ranked.resolved_on_time) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.resolved_overdue) THEN CAST(sum(ranked.resolved_overdue) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.pending_total) THEN CAST(sum(ranked.pending_total) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.pending_in_time) THEN CAST(sum(ranked.pending_in_time) AS bigint) END,
        CASE WHEN count(ranked.unit_code) = count(ranked.pending_overdue) THEN CAST(sum(ranked.pending_overdue) AS bigint) END
    FROM covered
    JOIN scope ON scope.scope = covered.scope
    LEFT JOIN ranked
        ON ranked.period_key = covered.period_key
        AND ranked.is_desk = scope.is_desk
        AND ranked.has_all = (ranked.field IS NOT DISTINCT FROM 'all')
    GROUP BY
        covered.period_key, covered.period_start, covered.period_end, covered.scope,
        covered.units_expected, covered.units_in;
END;
COMMENT ON FUNCTION town_period_known_at IS 'The town''s figures of each period, as known at a moment.';
