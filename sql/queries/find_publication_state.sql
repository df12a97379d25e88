-- Give the fingerprint of the state of the given periods, or of all of which any report speaks.
-- grain: period
-- needs: period_state_known_at; parameter period_keys
SELECT period_key, fingerprint
FROM period_state_known_at('infinity', CAST(:period_keys AS text[]))
