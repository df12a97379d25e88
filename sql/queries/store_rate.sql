-- Replace the rates by those of the form.
-- grain: rate
-- needs: rate; rates as a JSON list
WITH
given AS (
    SELECT name, label_vi, label_en, part, whole
    FROM jsonb_to_recordset(CAST(:rates AS jsonb))
        AS given (name text, label_vi text, label_en text, part text, whole text)
),
removed AS (
    DELETE FROM rate WHERE name NOT IN (SELECT name FROM given)
)
INSERT INTO rate AS kept (name, label_vi, label_en, part, whole)
SELECT name, label_vi, label_en, part, whole
FROM given
ON CONFLICT (name)
    DO UPDATE SET
        label_vi = EXCLUDED.label_vi, label_en = EXCLUDED.label_en, part = EXCLUDED.part, whole = EXCLUDED.whole
    WHERE ROW (kept.label_vi, kept.label_en, kept.part, kept.whole)
        IS DISTINCT FROM ROW (EXCLUDED.label_vi, EXCLUDED.label_en, EXCLUDED.part, EXCLUDED.whole)
