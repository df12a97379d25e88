-- Remove the units that the reference folder no longer lists; one that has reports is refused by its foreign key.
-- grain: (code, valid_from)
-- needs: unit; units as a JSON list
DELETE FROM unit
WHERE NOT EXISTS (
    SELECT FROM jsonb_to_recordset(CAST(:units AS jsonb)) AS given (code text, valid_from date)
    WHERE given.code = unit.code AND given.valid_from IS NOT DISTINCT FROM unit.valid_from
)
