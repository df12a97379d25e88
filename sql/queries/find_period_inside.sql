-- Give the units whose reports count, of each period that any report speaks of.
-- grain: period
-- needs: period_state, report_known_at, period
SELECT period_state.period_key, array_agg(report.unit_no) FILTER (WHERE report.unit_no IS NOT NULL) AS units
FROM period_state
LEFT JOIN report_known_at('infinity') AS report ON report.period_key = period_state.period_key
GROUP BY period_state.period_key
