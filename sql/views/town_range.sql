-- Add up a run of months: flows add, the opening stock is the first month's, the closing stocks are the last one's.
-- grain: scope (wards, desk, town)
-- needs: town_period_known_at, coverage_known_at, period

-- Partial where a unit did not report in each month it existed, or a month of the range is not in the warehouse.
CREATE FUNCTION town_range(from_key text, to_key text, as_of timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    scope text, months bigint, units_expected bigint, units_in bigint, is_partial boolean,
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
    span AS (
        SELECT first.start_date AS first_start, last.end_date AS last_end
        FROM period AS first
        JOIN period AS last ON last.period_key = to_key
        WHERE first.period_key = from_key
    ),
    month AS (
        SELECT period.period_key, period.start_date, period.end_date
        FROM period
        JOIN span ON period.start_date >= span.first_start AND period.end_date <= span.last_end
        WHERE period.period_key ~ '^[0-9]{4}-[0-9]{2}$'
    ),
    known AS (
        SELECT sum(month.end_date - month.start_date + 1) = max(span.last_end) - min(span.first_start) + 1 AS is_whole
        FROM month
        CROSS JOIN span
    ),
    monthly AS (
        SELECT figures.*
        FROM town_period_known_at(as_of, ARRAY(SELECT month.period_key FROM month)) AS figures
    ),
    unit AS (
        SELECT coverage.unit_no, coverage.is_desk, bool_and(coverage.status LIKE 'accepted%') AS is_in
        FROM coverage_known_at(as_of, ARRAY(SELECT month.period_key FROM month)) AS coverage
        WHERE coverage.is_expected
        GROUP BY coverage.unit_no, coverage.is_desk
    ),
    summed AS (
        SELECT
            monthly.scope,
            count(*) AS months,
            min(monthly.period_start) AS opens,
            max(monthly.period_end) AS closes,
            CASE WHEN count(*) = count(monthly.received_in_period) THEN CAST(sum(monthly.received_in_period) AS bigint) END AS received_in_period,
            CASE WHEN count(*) = count(monthly.received_online) THEN CAST(sum(monthly.received_online) AS bigint) END AS received_online,
            CASE WHEN count(*) = count(monthly.received_direct) THEN CAST(sum(monthly.received_direct) AS bigint) END AS received_direct,
            max(monthly.carried_over) FILTER (WHERE monthly.period_start = span.first_start) AS carried_over,
            CASE WHEN count(*) = count(monthly.resolved_total) THEN CAST(sum(monthly.resolved_total) AS bigint) END AS resolved_total,
            CASE WHEN count(*) = count(monthly.resolved_in_time) THEN CAST(sum(monthly.resolved_in_time) AS bigint) END AS resolved_in_time,
            CASE WHEN count(*) = count(monthly.resolved_early) THEN CAST(sum(monthly.resolved_early) AS bigint) END AS resolved_early,
            CASE WHEN count(*) = count(monthly.resolved_on_time) THEN CAST(sum(monthly.resolved_on_time) AS bigint) END AS resolved_on_time,
            CASE WHEN count(*) = count(monthly.resolved_overdue) THEN CAST(sum(monthly.resolved_overdue) AS bigint) END AS resolved_overdue,
            max(monthly.pending_total) FILTER (WHERE monthly.period_end = span.last_end) AS pending_total,
            max(monthly.pending_in_time) FILTER (WHERE monthly.period_end = span.last_end) AS pending_in_time,
            max(monthly.pending_overdue) FILTER (WHERE monthly.period_end = span.last_end) AS pending_overdue
        FROM monthly
        CROSS JOIN span
        GROUP BY monthly.scope
    ),
    counted AS (
        SELECT
            summed.scope,
            count(*) AS units_expected,
            count(*) FILTER (WHERE unit.is_in) AS units_in
        FROM summed
        JOIN unit ON summed.scope = 'town' OR unit.is_desk = (summed.scope = 'desk')
        GROUP BY summed.scope
    )
    SELECT
        summed.scope, summed.months, counted.units_expected, counted.units_in,
        counted.units_in < counted.units_expected OR NOT known.is_whole,
        held.opening + summed.received_in_period,
        summed.received_in_period,
        summed.received_online,
        summed.received_direct,
        held.opening,
        summed.resolved_total,
        summed.resolved_in_time,
        summed.resolved_early,
        summed.resolved_on_time,
        summed.resolved_overdue,
        COALESCE(summed.pending_total, held.nothing),
        COALESCE(summed.pending_in_time, held.nothing),
        COALESCE(summed.pending_overdue, held.nothing)
    FROM summed
    JOIN counted ON counted.scope = summed.scope
    CROSS JOIN known
    CROSS JOIN span
    -- A scope without units at an end holds nothing there: the desk after it was abolished.
    CROSS JOIN LATERAL (
        SELECT
            COALESCE(summed.carried_over, CASE WHEN known.is_whole AND summed.opens > span.first_start THEN 0 END) AS opening,
            CASE WHEN known.is_whole AND summed.closes < span.last_end THEN 0 END AS nothing
    ) AS held;
END;
COMMENT ON FUNCTION town_range IS 'The town''s figures of a run of months, as known at a moment.';
