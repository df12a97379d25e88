-- List the periods that the warehouse knows.
-- grain: period
-- needs: period
SELECT period_key, start_date, end_date, due_at
FROM period
ORDER BY end_date, start_date
