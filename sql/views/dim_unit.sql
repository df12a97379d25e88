-- Describe each unit, and say in which figure of the latest units its history can honestly be shown.
-- grain: unit
-- needs: unit, succession_group, unit_key

-- Units that went into one another, in however many steps, are one group. Where all were whole, the group has one
-- latest unit; where some were split, it has several, which can only be compared together.
CREATE VIEW dim_unit AS
WITH RECURSIVE
related AS (
    SELECT one.unit_no, other.unit_no AS other_no
    FROM succession_group AS one
    JOIN succession_group AS other ON other.group_no = one.group_no AND other.unit_no <> one.unit_no
),
joined AS (
    SELECT unit.unit_no, unit.unit_no AS member_no
    FROM unit
    UNION
    SELECT joined.unit_no, related.other_no
    FROM joined
    JOIN related ON related.unit_no = joined.member_no
),
succeeded AS (
    SELECT before.unit_no
    FROM succession_group AS before
    JOIN succession_group AS after ON after.group_no = before.group_no AND after.side = 'after'
    WHERE before.side = 'before'
),
latest AS (
    SELECT
        joined.unit_no,
        count(*) AS units,
        string_agg(unit_key(unit.code, unit.valid_from), '+' ORDER BY unit.code COLLATE "C", unit.valid_from) AS unit_keys,
        string_agg(unit.name, ' + ' ORDER BY unit.code COLLATE "C", unit.valid_from) AS names
    FROM joined
    JOIN unit ON unit.unit_no = joined.member_no
    WHERE joined.member_no NOT IN (SELECT succeeded.unit_no FROM succeeded)
    GROUP BY joined.unit_no
),
bounded AS (
    SELECT DISTINCT joined.unit_no
    FROM joined
    JOIN unit ON unit.unit_no = joined.unit_no
    JOIN succession_group ON succession_group.unit_no = joined.member_no
    WHERE succession_group.has_outside AND succession_group.on_date > COALESCE(unit.valid_from, '-infinity')
)
SELECT
    unit_key(unit.code, unit.valid_from) AS unit_key,
    unit.code AS unit_code,
    unit.name AS unit_name,
    unit.kind AS unit_kind,
    unit.is_desk,
    unit.valid_from AS unit_valid_from,
    unit.valid_to AS unit_valid_to,
    latest.unit_keys AS latest_key,
    latest.names AS latest_name,
    latest.units AS latest_units,
    bounded.unit_no IS NOT NULL AS is_bound
FROM unit
JOIN latest ON latest.unit_no = unit.unit_no
LEFT JOIN bounded ON bounded.unit_no = unit.unit_no;
COMMENT ON VIEW dim_unit IS 'Dimension: each unit as it was between two days, and the latest unit or units that its figures belong to.';
COMMENT ON COLUMN dim_unit.unit_key IS 'Key: the code, and the first day where it is known (09574, 09574@2025-07-01): a code has meant different units.';
COMMENT ON COLUMN dim_unit.latest_key IS 'Key of the latest unit it went into, through all mergers; where units were split, the keys of all that can only be compared together. A unit that ended with no successor is its own.';
COMMENT ON COLUMN dim_unit.latest_name IS 'Names of these units.';
COMMENT ON COLUMN dim_unit.latest_units IS 'How many they are; more than 1: units were split, and only the whole can be compared.';
COMMENT ON COLUMN dim_unit.is_bound IS 'Whether after this unit''s first day a part of the group went outside the town, or came from there: then its figures, shown as the latest units'', are only a bound.';
