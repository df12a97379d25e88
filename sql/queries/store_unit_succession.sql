-- Replace the successions by those given.
-- grain: succession
-- needs: unit_succession; successions as a JSON list
WITH
given AS (
    SELECT on_date, from_code, from_name, to_code, to_name, is_whole
    FROM jsonb_to_recordset(CAST(:successions AS jsonb))
        AS given (on_date date, from_code text, from_name text, to_code text, to_name text, is_whole boolean)
),
removed AS (
    DELETE FROM unit_succession
    WHERE ROW (on_date, from_code, from_name, to_code, to_name)
        NOT IN (SELECT on_date, from_code, from_name, to_code, to_name FROM given)
)
INSERT INTO unit_succession AS kept (on_date, from_code, from_name, to_code, to_name, is_whole)
SELECT on_date, from_code, from_name, to_code, to_name, is_whole
FROM given
ON CONFLICT (on_date, from_code, from_name, to_code, to_name)
    DO UPDATE SET is_whole = EXCLUDED.is_whole WHERE kept.is_whole <> EXCLUDED.is_whole
