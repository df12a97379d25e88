-- Describe each system that wards report from.
-- grain: source system
-- needs: source_system

CREATE VIEW dim_source_system AS
SELECT code AS source_system, label_vi, label_en
FROM source_system;
COMMENT ON VIEW dim_source_system IS 'Dimension: each system that wards report from; the empty code where the sheet names none.';
COMMENT ON COLUMN dim_source_system.label_vi IS 'What it is called in Vietnamese.';
COMMENT ON COLUMN dim_source_system.label_en IS 'What it is called in English.';
