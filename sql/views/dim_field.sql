-- Describe each field of procedures, and the two lines that are no field.
-- grain: field
-- needs: field

CREATE VIEW dim_field AS
SELECT
    code AS field,
    CASE code WHEN 'all' THEN 'Không chia theo lĩnh vực' ELSE name END AS field_name,
    code <> 'all' AS is_field
FROM field
UNION ALL
VALUES ('unlisted', 'Lĩnh vực khác, ngoài danh mục', false);
COMMENT ON VIEW dim_field IS 'Dimension: each field of procedures.';
COMMENT ON COLUMN dim_field.field IS 'Code of the field; "all": figures of reports that do not divide by fields; "unlisted": of fields whose printed names are in no list.';
COMMENT ON COLUMN dim_field.field_name IS 'Vietnamese name.';
COMMENT ON COLUMN dim_field.is_field IS 'Whether it is one field of the list. The other two lines belong into every sum over fields.';
