-- Add the source systems that are new and change those whose names changed; one that left the list stays for its old reports.
-- grain: source system
-- needs: source_system; systems as a JSON list
INSERT INTO source_system AS kept (code, label_vi, label_en)
SELECT code, label_vi, label_en
FROM jsonb_to_recordset(CAST(:systems AS jsonb)) AS given (code text, label_vi text, label_en text)
ON CONFLICT (code)
    DO UPDATE SET label_vi = EXCLUDED.label_vi, label_en = EXCLUDED.label_en
    WHERE ROW (kept.label_vi, kept.label_en) IS DISTINCT FROM ROW (EXCLUDED.label_vi, EXCLUDED.label_en)
