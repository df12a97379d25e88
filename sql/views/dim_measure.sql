-- Describe each measure: what it is called, and how it is taken over several periods.
-- grain: measure
-- needs: measure

CREATE VIEW dim_measure AS
SELECT name AS measure, ordinal, label_vi, label_en, over_time
FROM measure;
COMMENT ON VIEW dim_measure IS 'Dimension: each column of fact_figure that counts dossiers, from the form.';
COMMENT ON COLUMN dim_measure.measure IS 'Name of the column.';
COMMENT ON COLUMN dim_measure.label_vi IS 'What it is called in Vietnamese.';
COMMENT ON COLUMN dim_measure.label_en IS 'What it is called in English.';
COMMENT ON COLUMN dim_measure.ordinal IS 'Order in the form.';
