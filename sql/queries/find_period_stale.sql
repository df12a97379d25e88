-- List the periods whose reports say something else than their last publication.
-- grain: period
-- needs: period_state, period
SELECT period_state.period_key
FROM period_state
JOIN period ON period.period_key = period_state.period_key
WHERE period_state.is_stale AND period.start_date <= CURRENT_DATE + 1 -- what has not begun is a slip of the hand
ORDER BY period.end_date, period.start_date
