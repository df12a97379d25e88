-- How many dossiers did the town hold at the end of each month, and what changed that?
-- grain: month
-- needs: fact_figure, fact_coverage, dim_period

-- Stocks are never added over months: what was held before is the closing stock of the month before, where that month
-- is there, else the opening stock. What received and resolved do not explain is the adjustment.
WITH
monthly AS (
    SELECT
        figure.period_key,
        CASE WHEN count(*) = count(figure.carried_over) THEN sum(figure.carried_over) END AS opening,
        CASE WHEN count(*) = count(figure.received_in_period) THEN sum(figure.received_in_period) END AS received,
        CASE WHEN count(*) = count(figure.resolved_total) THEN sum(figure.resolved_total) END AS resolved,
        CASE WHEN count(*) = count(figure.pending_total) THEN sum(figure.pending_total) END AS held_after
    FROM fact_figure AS figure
    GROUP BY figure.period_key
),
covered AS (
    SELECT coverage.period_key, sum(coverage.units_in) AS units_in, sum(coverage.units_expected) AS units_expected
    FROM fact_coverage AS coverage
    GROUP BY coverage.period_key
),
followed AS (
    SELECT
        period.period_key, covered.units_in, covered.units_expected, monthly.received, monthly.resolved, monthly.held_after,
        CASE
            WHEN lag(period.period_end) OVER months = period.period_start - 1 THEN lag(monthly.held_after) OVER months
            ELSE monthly.opening
        END AS held_before
    FROM dim_period AS period
    JOIN covered ON covered.period_key = period.period_key
    LEFT JOIN monthly ON monthly.period_key = period.period_key
    WHERE period.period_kind = 'month'
    WINDOW months AS (ORDER BY period.period_start)
)
SELECT
    period_key AS month, units_in, units_expected, held_before, received, resolved,
    held_after - held_before - received + resolved AS adjustment,
    held_after,
    held_after - held_before AS change
FROM followed
ORDER BY period_key DESC
