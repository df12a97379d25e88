-- Say for each unit and the given periods whether its report is in, as known at a moment.
-- grain: unit × period
-- needs: coverage_known_at; parameters as_of, period_keys
SELECT unit_code, unit_valid_from, period_key, status, received_at, submission, findings
FROM coverage_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[]))
WHERE status <> 'missing'
