-- List the periods of which any report speaks, the oldest first.
-- grain: period
-- needs: period_state, period
SELECT period.period_key
FROM period_state
JOIN period ON period.period_key = period_state.period_key
ORDER BY period.end_date, period.start_date
