-- How did the years go, on the wards of today?
-- grain: ward of today, or the wards that can only be compared together × year
-- needs: fact_figure, fact_coverage, dim_unit, dim_period

-- Flows add over the months; the stock is that of the last month of the year. is_bound: a part of these wards went
-- outside the town later, so the figures hold more than today's area.
WITH
month AS (
    SELECT
        period.period_key, period.year,
        period.period_start = max(period.period_start) OVER (PARTITION BY period.year) AS is_last
    FROM dim_period AS period
    WHERE period.period_kind = 'month'
),
summed AS (
    SELECT
        unit.latest_key, month.year,
        CASE WHEN count(*) = count(figure.received_in_period) THEN sum(figure.received_in_period) END AS received,
        CASE WHEN count(*) = count(figure.resolved_total) THEN sum(figure.resolved_total) END AS resolved,
        CASE WHEN count(*) = count(figure.resolved_in_time) THEN sum(figure.resolved_in_time) END AS in_time,
        CASE
            WHEN count(*) FILTER (WHERE month.is_last) = count(figure.pending_total) FILTER (WHERE month.is_last)
                THEN sum(figure.pending_total) FILTER (WHERE month.is_last)
        END AS held_at_end
    FROM fact_figure AS figure
    JOIN month ON month.period_key = figure.period_key
    JOIN dim_unit AS unit ON unit.unit_key = figure.unit_key
    GROUP BY unit.latest_key, month.year
),
covered AS (
    SELECT
        unit.latest_key, unit.latest_name, month.year,
        count(DISTINCT unit.unit_key) AS wards,
        sum(coverage.units_in) AS reports_in,
        sum(coverage.units_expected) AS reports_expected,
        bool_or(unit.is_bound) AS is_bound
    FROM fact_coverage AS coverage
    JOIN month ON month.period_key = coverage.period_key
    JOIN dim_unit AS unit ON unit.unit_key = coverage.unit_key
    WHERE coverage.units_expected = 1 AND NOT unit.is_desk
    GROUP BY unit.latest_key, unit.latest_name, month.year
)
SELECT
    covered.latest_name AS ward_of_today, covered.year, covered.wards, covered.reports_in, covered.reports_expected,
    summed.received, summed.resolved, round(100 * summed.in_time / NULLIF(summed.resolved, 0), 2) AS in_time_rate,
    summed.held_at_end, covered.is_bound
FROM covered
LEFT JOIN summed ON summed.latest_key = covered.latest_key AND summed.year = covered.year
ORDER BY covered.latest_key, covered.year
