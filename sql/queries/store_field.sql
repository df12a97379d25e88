-- Add the fields that are new and change those whose names changed; one that left the list stays for its old reports.
-- grain: field
-- needs: field; fields as a JSON list
INSERT INTO field AS kept (code, name, aliases)
SELECT code, name, ARRAY(SELECT jsonb_array_elements_text(aliases))
FROM jsonb_to_recordset(CAST(:fields AS jsonb)) AS given (code text, name text, aliases jsonb)
ON CONFLICT (code)
    DO UPDATE SET name = EXCLUDED.name, aliases = EXCLUDED.aliases
    WHERE ROW (kept.name, kept.aliases) IS DISTINCT FROM ROW (EXCLUDED.name, EXCLUDED.aliases)
