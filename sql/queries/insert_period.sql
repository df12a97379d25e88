-- Add the periods that are new.
-- grain: period
-- needs: period; periods as a JSON list
INSERT INTO period (period_key, start_date, end_date, due_at)
SELECT period_key, start_date, end_date, due_at
FROM jsonb_to_recordset(CAST(:periods AS jsonb))
    AS given (period_key text, start_date date, end_date date, due_at timestamptz)
ORDER BY period_key
ON CONFLICT (period_key) DO NOTHING
