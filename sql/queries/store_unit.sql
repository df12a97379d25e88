-- Add the units that are new and change those whose name, kind or last day changed.
-- grain: (code, valid_from)
-- needs: unit; units as a JSON list
MERGE INTO unit
USING (
    SELECT code, name, kind, is_desk, valid_from, valid_to
    FROM jsonb_to_recordset(CAST(:units AS jsonb))
        AS given (code text, name text, kind text, is_desk boolean, valid_from date, valid_to date)
) AS given
ON unit.code = given.code AND unit.valid_from IS NOT DISTINCT FROM given.valid_from
WHEN MATCHED
    AND ROW (unit.name, unit.kind, unit.is_desk, unit.valid_to)
        IS DISTINCT FROM ROW (given.name, given.kind, given.is_desk, given.valid_to)
    THEN UPDATE SET name = given.name, kind = given.kind, is_desk = given.is_desk, valid_to = given.valid_to
WHEN NOT MATCHED
    THEN INSERT (code, name, kind, is_desk, valid_from, valid_to)
    VALUES (given.code, given.name, given.kind, given.is_desk, given.valid_from, given.valid_to)
