-- Which fields make the delays?
-- grain: field
-- needs: fact_figure, dim_period, dim_field

-- unknown: lines of reports that do not say how many were overdue; they are in no figure of the line.
WITH
last_month AS (
    SELECT max(period.period_start) AS period_start
    FROM dim_period AS period
    WHERE period.period_kind = 'month'
),
summed AS (
    SELECT
        figure.field,
        sum(figure.resolved_total) FILTER (WHERE figure.resolved_overdue IS NOT NULL) AS resolved,
        sum(figure.resolved_overdue) AS overdue,
        sum(figure.pending_overdue) FILTER (WHERE period.period_start = last_month.period_start) AS held_overdue,
        count(*) - count(figure.resolved_overdue) AS unknown
    FROM fact_figure AS figure
    JOIN dim_period AS period ON period.period_key = figure.period_key AND period.period_kind = 'month'
    CROSS JOIN last_month
    GROUP BY figure.field
)
SELECT
    field.field_name, summed.resolved, summed.overdue,
    round(100 * summed.overdue / NULLIF(summed.resolved, 0), 2) AS overdue_rate,
    round(100 * summed.overdue / NULLIF(sum(summed.overdue) OVER (), 0), 2) AS share_of_delays,
    summed.held_overdue, summed.unknown
FROM summed
JOIN dim_field AS field ON field.field = summed.field
ORDER BY summed.overdue DESC NULLS LAST, summed.resolved DESC NULLS LAST, field.field
