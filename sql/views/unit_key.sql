-- Name a unit by one text: its code, and its first day where the code has meant several units.
-- grain: unit
-- needs: nothing

CREATE FUNCTION unit_key(code text, valid_from date) RETURNS text
LANGUAGE sql STABLE
RETURN code || COALESCE('@' || to_char(valid_from, 'YYYY-MM-DD'), '');
COMMENT ON FUNCTION unit_key IS 'Key of a unit, such as 09574 or 09574@2025-07-01.';
