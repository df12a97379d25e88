-- Take the figures of a publication apart: one row a line and measure.
-- grain: line (scope, unit, field, source system) × measure
-- needs: nothing

-- Every content begins with the five columns that name a line; what counts units or decisions is no measure.
CREATE FUNCTION publication_line(content jsonb)
RETURNS TABLE (
    scope text, unit_code text, unit_name text, field text, source_system text, measure text, measure_no bigint, count bigint
)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT
        line.cells ->> 0, line.cells ->> 1, line.cells ->> 2, line.cells ->> 3, line.cells ->> 4,
        counted.name, counted.place, CAST(line.cells ->> CAST(counted.place - 1 AS integer) AS bigint)
    FROM jsonb_array_elements(content -> 'rows') AS line (cells)
    CROSS JOIN jsonb_array_elements_text(content -> 'columns') WITH ORDINALITY AS counted (name, place)
    WHERE counted.place > 5
        AND counted.name NOT IN ('adjustment', 'is_partial', 'waived', 'corrected')
        AND NOT starts_with(counted.name, 'units_');
END;
COMMENT ON FUNCTION publication_line IS 'The figures in the content of a publication, one row a line and measure.';
