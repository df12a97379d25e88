-- List the periods whose reports say something else than their last publication.
-- grain: period
-- needs: period_state, period
SELECT period_state.period_key
FROM period_state
JOIN period ON period.period_key = period_state.period_key
WHERE period_state.is_stale
ORDER BY period.end_date, period.start_date
