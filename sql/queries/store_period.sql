-- Add the periods that are new and change the due date of those whose due date changed.
-- grain: period
-- needs: period; periods as a JSON list
INSERT INTO period AS kept (period_key, start_date, end_date, due_at)
SELECT period_key, start_date, end_date, due_at
FROM jsonb_to_recordset(CAST(:periods AS jsonb))
    AS given (period_key text, start_date date, end_date date, due_at timestamptz)
ORDER BY period_key
ON CONFLICT (period_key) DO UPDATE SET due_at = EXCLUDED.due_at WHERE kept.due_at IS DISTINCT FROM EXCLUDED.due_at
