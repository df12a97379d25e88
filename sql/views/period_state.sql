-- Compare each period's state with what was last published of it.
-- grain: period that has a report, or that had one, was published, and of which none counts any more
-- needs: period_state_known_at, period, publication, publication_confirmed

CREATE VIEW period_state AS
WITH
published AS (
    SELECT DISTINCT ON (publication.period_key)
        publication.period_key, publication.number, publication.published_at,
        COALESCE(confirmed.fingerprint, publication.fingerprint) AS fingerprint -- the last state that says the same
    FROM publication
    LEFT JOIN publication_confirmed AS confirmed
        ON confirmed.period_key = publication.period_key AND confirmed.number = publication.number
    ORDER BY publication.period_key, publication.number DESC, confirmed.confirmation_no DESC
)
SELECT
    COALESCE(state.period_key, published.period_key) AS period_key,
    COALESCE(state.fingerprint, '') AS fingerprint,
    published.number AS published_number,
    published.published_at,
    published.fingerprint IS DISTINCT FROM COALESCE(state.fingerprint, '') AS is_stale
FROM period_state_known_at('infinity') AS state
FULL JOIN published ON published.period_key = state.period_key
WHERE state.period_key IS NOT NULL OR EXISTS (SELECT FROM period WHERE period.period_key = published.period_key);
COMMENT ON VIEW period_state IS 'Whether the last publication of a period still says what the reports say.';
COMMENT ON COLUMN period_state.fingerprint IS 'Name of the state: the figures that count, and who is in, rejected or missing. Empty: no report counts any more.';
COMMENT ON COLUMN period_state.published_number IS 'Number of the last publication.';
COMMENT ON COLUMN period_state.published_at IS 'When it was published.';
COMMENT ON COLUMN period_state.is_stale IS 'Whether the last publication was built from another state, or there is none.';
