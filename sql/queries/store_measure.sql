-- Replace the measures by those of the form.
-- grain: measure
-- needs: measure; measures as a JSON list
WITH
given AS (
    SELECT name, ordinal, label_vi, label_en, over_time
    FROM jsonb_to_recordset(CAST(:measures AS jsonb))
        AS given (name text, ordinal integer, label_vi text, label_en text, over_time text)
),
removed AS (
    DELETE FROM measure WHERE name NOT IN (SELECT name FROM given)
)
INSERT INTO measure AS kept (name, ordinal, label_vi, label_en, over_time)
SELECT name, ordinal, label_vi, label_en, over_time
FROM given
ON CONFLICT (name)
    DO UPDATE SET
        ordinal = EXCLUDED.ordinal, label_vi = EXCLUDED.label_vi, label_en = EXCLUDED.label_en, over_time = EXCLUDED.over_time
    WHERE ROW (kept.ordinal, kept.label_vi, kept.label_en, kept.over_time)
        IS DISTINCT FROM ROW (EXCLUDED.ordinal, EXCLUDED.label_vi, EXCLUDED.label_en, EXCLUDED.over_time)
