-- Name the state of each period that has a report: the figures that count, and who is in, rejected or missing.
-- grain: period
-- needs: coverage_known_at

CREATE FUNCTION period_state_known_at(as_of timestamptz, wanted_keys text[] DEFAULT NULL)
RETURNS TABLE (period_key text, fingerprint text)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT
        coverage.period_key,
        encode(sha256(convert_to(string_agg(
            concat_ws('|', coverage.unit_code, COALESCE(CAST(coverage.unit_valid_from AS text), ''), coverage.status, coverage.content_sha256,
                CASE WHEN coverage.waived > 0 THEN 'waived ' || coverage.waived END),
            E'\n' ORDER BY coverage.unit_code COLLATE "C", coverage.unit_valid_from NULLS FIRST
        ), 'UTF8')), 'hex')
    FROM coverage_known_at(as_of, wanted_keys) AS coverage
    GROUP BY coverage.period_key
    HAVING bool_or(coverage.status <> 'missing');
END;
COMMENT ON FUNCTION period_state_known_at IS 'A fingerprint of each period''s reports and coverage, as known at a moment.';
