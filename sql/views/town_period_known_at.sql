-- Add up each period over the wards, over the town's own desk, and over both, with how many units are in.
-- grain: period × scope (wards, desk, town)
-- needs: figure, report_known_at, coverage_known_at, report_row

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
    undivided AS (
        SELECT DISTINCT report_row.report_no
        FROM report_row
        WHERE report_row.field = 'all'
    ),
    summed AS (
        SELECT
            scope.scope, figure.period_key,
            CASE WHEN count(*) = count(figure.received_total) THEN CAST(sum(figure.received_total) AS bigint) END AS received_total,
            CASE WHEN count(*) = count(figure.received_in_period) THEN CAST(sum(figure.received_in_period) AS bigint) END AS received_in_period,
            CASE WHEN count(*) = count(figure.received_online) THEN CAST(sum(figure.received_online) AS bigint) END AS received_online,
            CASE WHEN count(*) = count(figure.received_direct) THEN CAST(sum(figure.received_direct) AS bigint) END AS received_direct,
            CASE WHEN count(*) = count(figure.carried_over) THEN CAST(sum(figure.carried_over) AS bigint) END AS carried_over,
            CASE WHEN count(*) = count(figure.resolved_total) THEN CAST(sum(figure.resolved_total) AS bigint) END AS resolved_total,
            CASE WHEN count(*) = count(figure.resolved_in_time) THEN CAST(sum(figure.resolved_in_time) AS bigint) END AS resolved_in_time,
            CASE WHEN count(*) = count(figure.resolved_early) THEN CAST(sum(figure.resolved_early) AS bigint) END AS resolved_early,
            CASE WHEN count(*) = count(figure.resolved_on_time) THEN CAST(sum(figure.resolved_on_time) AS bigint) END AS resolved_on_time,
            CASE WHEN count(*) = count(figure.resolved_overdue) THEN CAST(sum(figure.resolved_overdue) AS bigint) END AS resolved_overdue,
            CASE WHEN count(*) = count(figure.pending_total) THEN CAST(sum(figure.pending_total) AS bigint) END AS pending_total,
            CASE WHEN count(*) = count(figure.pending_in_time) THEN CAST(sum(figure.pending_in_time) AS bigint) END AS pending_in_time,
            CASE WHEN count(*) = count(figure.pending_overdue) THEN CAST(sum(figure.pending_overdue) AS bigint) END AS pending_overdue
        FROM report_known_at(as_of, wanted_keys) AS report
        JOIN figure ON figure.report_no = report.report_no
        JOIN scope ON scope.is_desk = figure.is_desk
        LEFT JOIN undivided ON undivided.report_no = figure.report_no
        WHERE (undivided.report_no IS NULL OR figure.field = 'all')
            AND figure.period_end >= COALESCE(figure.unit_valid_from, '-infinity')
            AND figure.period_end <= COALESCE(figure.unit_valid_to, 'infinity')
        GROUP BY scope.scope, figure.period_key
    )
    SELECT
        covered.period_key, covered.period_start, covered.period_end, covered.scope,
        covered.units_expected, covered.units_in, covered.units_in < covered.units_expected,
        summed.received_total,
        summed.received_in_period,
        summed.received_online,
        summed.received_direct,
        summed.carried_over,
        summed.resolved_total,
        summed.resolved_in_time,
        summed.resolved_early,
        summed.resolved_on_time,
        summed.resolved_overdue,
        summed.pending_total,
        summed.pending_in_time,
        summed.pending_overdue
    FROM covered
    LEFT JOIN summed ON summed.scope = covered.scope AND summed.period_key = covered.period_key;
END;
COMMENT ON FUNCTION town_period_known_at IS 'The town''s figures of each period, as known at a moment.';
