-- List all that was ever published, with how many units are in it.
-- grain: publication
-- needs: publication

CREATE VIEW publication_log AS
SELECT
    publication.period_key, publication.period_start, publication.period_end, publication.number, publication.published_at,
    covered.units_expected, covered.units_in, covered.units_in < covered.units_expected AS is_partial,
    publication.rules, publication.program
FROM publication
CROSS JOIN LATERAL (
    SELECT count(*) AS units_expected, count(*) FILTER (WHERE unit.is_in) AS units_in
    FROM (
        SELECT bool_and(starts_with(said.status, 'accepted')) AS is_in
        FROM jsonb_to_recordset(publication.coverage)
            AS said (unit_code text, unit_name text, expected boolean, status text)
        WHERE said.expected
        GROUP BY said.unit_code, said.unit_name
    ) AS unit
) AS covered;
COMMENT ON VIEW publication_log IS 'All that was ever published. A further number of the same period is a restatement.';
COMMENT ON COLUMN publication_log.number IS 'Number of the publication.';
COMMENT ON COLUMN publication_log.published_at IS 'When it was published.';
COMMENT ON COLUMN publication_log.units_expected IS 'Units that owed a report in any of its periods.';
COMMENT ON COLUMN publication_log.units_in IS 'Units whose reports were accepted in all of them.';
COMMENT ON COLUMN publication_log.is_partial IS 'Whether a unit is missing from the figures.';
COMMENT ON COLUMN publication_log.rules IS 'Edition of the rules it was made under.';
COMMENT ON COLUMN publication_log.program IS 'Version of the program that made it.';
