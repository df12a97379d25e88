-- Add up each period over the wards, over the town's own desk, and over both, with how many units are in.
-- grain: period × scope (wards, desk, town)
-- needs: ward_period, coverage

-- A measure that a reporting unit neither reports nor determines is NULL here: never a partial sum.
-- A report with a row for all fields is counted by that row alone.
CREATE VIEW town_period AS
WITH
scope AS (
    SELECT * FROM (VALUES ('wards', false), ('desk', true), ('town', false), ('town', true)) AS scope (scope, is_desk)
),
covered AS (
    SELECT
        scope.scope,
        coverage.period_key,
        count(*) AS units_expected,
        count(*) FILTER (WHERE coverage.status LIKE 'accepted%') AS units_in
    FROM coverage
    JOIN scope ON scope.is_desk = coverage.is_desk
    WHERE coverage.is_expected
    GROUP BY scope.scope, coverage.period_key
),
ranked AS (
    SELECT
        ward_period.*,
        bool_or(COALESCE(field = 'all', false)) OVER (PARTITION BY unit_code, unit_valid_from, period_key) AS has_all
    FROM ward_period
)
SELECT
    covered.period_key,
    covered.scope,
    covered.units_expected,
    covered.units_in,
    covered.units_in < covered.units_expected AS is_partial,
    CASE WHEN count(ranked.unit_code) = count(ranked.received_total) THEN CAST(sum(ranked.received_total) AS bigint) END AS received_total,
    CASE WHEN count(ranked.unit_code) = count(ranked.received_in_period) THEN CAST(sum(ranked.received_in_period) AS bigint) END AS received_in_period,
    CASE WHEN count(ranked.unit_code) = count(ranked.received_online) THEN CAST(sum(ranked.received_online) AS bigint) END AS received_online,
    CASE WHEN count(ranked.unit_code) = count(ranked.received_direct) THEN CAST(sum(ranked.received_direct) AS bigint) END AS received_direct,
    CASE WHEN count(ranked.unit_code) = count(ranked.carried_over) THEN CAST(sum(ranked.carried_over) AS bigint) END AS carried_over,
    CASE WHEN count(ranked.unit_code) = count(ranked.resolved_total) THEN CAST(sum(ranked.resolved_total) AS bigint) END AS resolved_total,
    CASE WHEN count(ranked.unit_code) = count(ranked.resolved_in_time) THEN CAST(sum(ranked.resolved_in_time) AS bigint) END AS resolved_in_time,
    CASE WHEN count(ranked.unit_code) = count(ranked.resolved_early) THEN CAST(sum(ranked.resolved_early) AS bigint) END AS resolved_early,
    CASE WHEN count(ranked.unit_code) = count(ranked.resolved_on_time) THEN CAST(sum(ranked.resolved_on_time) AS bigint) END AS resolved_on_time,
    CASE WHEN count(ranked.unit_code) = count(ranked.resolved_overdue) THEN CAST(sum(ranked.resolved_overdue) AS bigint) END AS resolved_overdue,
    CASE WHEN count(ranked.unit_code) = count(ranked.pending_total) THEN CAST(sum(ranked.pending_total) AS bigint) END AS pending_total,
    CASE WHEN count(ranked.unit_code) = count(ranked.pending_in_time) THEN CAST(sum(ranked.pending_in_time) AS bigint) END AS pending_in_time,
    CASE WHEN count(ranked.unit_code) = count(ranked.pending_overdue) THEN CAST(sum(ranked.pending_overdue) AS bigint) END AS pending_overdue
FROM covered
JOIN scope ON scope.scope = covered.scope
LEFT JOIN ranked
    ON ranked.period_key = covered.period_key
    AND ranked.is_desk = scope.is_desk
    AND ranked.has_all = COALESCE(ranked.field = 'all', false)
GROUP BY covered.period_key, covered.scope, covered.units_expected, covered.units_in;
COMMENT ON VIEW town_period IS 'The town''s figures of each period, with how many of the expected units are in them.';
