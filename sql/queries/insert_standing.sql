-- Note how reports stand from a moment on.
-- grain: standing
-- needs: standing; standings as a JSON list, parameter stands_at
INSERT INTO standing (unit_no, period_key, submission, stand, cause, stands_at)
SELECT unit_no, period_key, submission, stand, cause, :stands_at
FROM jsonb_to_recordset(CAST(:standings AS jsonb))
    AS given (unit_no integer, period_key text, submission text, stand text, cause text)
