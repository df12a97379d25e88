-- Which published figures of the town were restated, and by how much?
-- grain: restatement × measure
-- needs: publication_change, publication_cause, dim_measure

-- whose: the units whose reports came, were replaced or were decided about since the publication before.
WITH
caused AS (
    SELECT cause.period_key, cause.number, string_agg(DISTINCT cause.unit_name, ', ' ORDER BY cause.unit_name) AS whose
    FROM publication_cause AS cause
    GROUP BY cause.period_key, cause.number
)
SELECT
    change.period_key AS period, change.number, measure.label_en AS measure, change.before, change.after, change.change, caused.whose
FROM publication_change AS change
JOIN dim_measure AS measure ON measure.measure = change.measure
LEFT JOIN caused ON caused.period_key = change.period_key AND caused.number = change.number
WHERE change.scope = 'town' AND change.field = 'all' AND change.source_system = 'all'
ORDER BY change.period_key, change.number, measure.ordinal
