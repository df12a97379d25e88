-- Say which figures of a restatement are others than those of the publication before.
-- grain: publication × line (scope, unit, field, source system) × measure
-- needs: publication, publication_line

-- Where one of the two was written by a version of the program with other columns, only what both know is compared.
CREATE VIEW publication_change AS
SELECT
    restated.period_key, restated.number, restated.published_at, before.number AS number_before,
    change.scope, change.unit_code, change.unit_name, change.field, change.source_system, change.measure,
    change.before, change.after, change.after - change.before AS change
FROM publication AS restated
JOIN publication AS before ON before.period_key = restated.period_key AND before.number = restated.number - 1
CROSS JOIN LATERAL (
    SELECT
        scope, unit_code, unit_name, field, source_system, measure,
        old.count AS before, new.count AS after
    FROM publication_line(before.content) AS old
    FULL JOIN publication_line(restated.content) AS new
        USING (scope, unit_code, unit_name, field, source_system, measure)
    WHERE old.count IS DISTINCT FROM new.count
        AND (
            before.content -> 'columns' = restated.content -> 'columns'
            OR old.measure IS NOT NULL AND new.measure IS NOT NULL
        )
) AS change;
COMMENT ON VIEW publication_change IS 'The figures of a restatement that differ from the publication before, with the difference.';
COMMENT ON COLUMN publication_change.number IS 'Number of the publication.';
COMMENT ON COLUMN publication_change.published_at IS 'When it was published.';
COMMENT ON COLUMN publication_change.number_before IS 'Number of the publication before.';
COMMENT ON COLUMN publication_change.scope IS 'ward (or group, where figures are recast), wards (all together), desk (the town''s own), town (both).';
COMMENT ON COLUMN publication_change.field IS 'Code of the field, "unlisted", or "all" for the sum.';
COMMENT ON COLUMN publication_change.source_system IS 'Code of the system, empty where the sheet names none, "all" for the sum.';
COMMENT ON COLUMN publication_change.measure IS 'Name of the measure.';
COMMENT ON COLUMN publication_change.before IS 'What was published before. Empty: not reported.';
COMMENT ON COLUMN publication_change.after IS 'What is published now. Empty: not reported.';
COMMENT ON COLUMN publication_change.change IS 'The difference; empty where one of them is.';
