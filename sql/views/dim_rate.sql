-- Describe each rate: of which measure which other is a part.
-- grain: rate
-- needs: rate

CREATE VIEW dim_rate AS
SELECT name AS rate, label_vi, label_en, part, whole
FROM rate;
COMMENT ON VIEW dim_rate IS 'Dimension: each rate, from the form. A rate is 100 × sum of the part / sum of the whole, rounded half up to two decimals; it is never averaged.';
COMMENT ON COLUMN dim_rate.rate IS 'Name of the rate.';
COMMENT ON COLUMN dim_rate.label_vi IS 'What it is called in Vietnamese.';
COMMENT ON COLUMN dim_rate.label_en IS 'What it is called in English.';
