-- Replace the groups of successions by those given.
-- grain: group × unit × side
-- needs: succession_group, unit; members as a JSON list
WITH
given AS (
    SELECT given.on_date, given.group_no, unit.unit_no, given.side, given.has_outside, given.is_whole
    FROM jsonb_to_recordset(CAST(:members AS jsonb)) AS given (
        on_date date, group_no integer, code text, valid_from date, side text, has_outside boolean, is_whole boolean
    )
    JOIN unit ON unit.code = given.code AND unit.valid_from IS NOT DISTINCT FROM given.valid_from
),
removed AS (
    DELETE FROM succession_group
    WHERE ROW (side, unit_no, on_date) NOT IN (SELECT side, unit_no, on_date FROM given)
)
INSERT INTO succession_group AS kept (on_date, group_no, unit_no, side, has_outside, is_whole)
SELECT on_date, group_no, unit_no, side, has_outside, is_whole
FROM given
ON CONFLICT (side, unit_no, on_date)
    DO UPDATE SET group_no = EXCLUDED.group_no, has_outside = EXCLUDED.has_outside, is_whole = EXCLUDED.is_whole
    WHERE ROW (kept.group_no, kept.has_outside, kept.is_whole)
        IS DISTINCT FROM ROW (EXCLUDED.group_no, EXCLUDED.has_outside, EXCLUDED.is_whole)
