-- What share did each ward resolve in time in each quarter?
-- grain: ward × quarter
-- needs: fact_figure, fact_coverage, dim_unit, dim_period

-- From the summed counts, never from an average of shares; numeric rounds half up.
WITH
resolved AS (
    SELECT
        figure.unit_key, period.year, period.quarter,
        sum(figure.resolved_in_time) AS in_time,
        sum(figure.resolved_total) AS resolved,
        count(*) = count(figure.resolved_in_time) AND count(*) = count(figure.resolved_total) AS is_known
    FROM fact_figure AS figure
    JOIN dim_period AS period ON period.period_key = figure.period_key AND period.period_kind = 'month'
    GROUP BY figure.unit_key, period.year, period.quarter
),
covered AS (
    SELECT
        coverage.unit_key, period.year, period.quarter,
        sum(coverage.units_in) AS months_in,
        sum(coverage.units_expected) AS months_expected
    FROM fact_coverage AS coverage
    JOIN dim_period AS period ON period.period_key = coverage.period_key AND period.period_kind = 'month'
    WHERE coverage.units_expected = 1
    GROUP BY coverage.unit_key, period.year, period.quarter
)
SELECT
    covered.year, covered.quarter, unit.unit_name AS ward, covered.months_in, covered.months_expected,
    CASE WHEN resolved.is_known THEN resolved.in_time END AS in_time,
    CASE WHEN resolved.is_known THEN resolved.resolved END AS resolved,
    CASE WHEN resolved.is_known THEN round(100 * resolved.in_time / NULLIF(resolved.resolved, 0), 2) END AS in_time_rate
FROM covered
JOIN dim_unit AS unit ON unit.unit_key = covered.unit_key
LEFT JOIN resolved
    ON resolved.unit_key = covered.unit_key AND resolved.year = covered.year AND resolved.quarter = covered.quarter
WHERE NOT unit.is_desk
ORDER BY covered.year DESC, covered.quarter DESC, unit.unit_code
