-- Give the fingerprint of the given periods' states, as known at a moment.
-- grain: period
-- needs: period_state_known_at; parameters as_of, period_keys
SELECT period_key, fingerprint
FROM period_state_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[]))
