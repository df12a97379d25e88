-- Say for each unit and the given periods whether its report is in, as known at a moment, and what came after it.
-- grain: unit × period
-- needs: coverage_known_at, report_known_at, submission; parameters as_of, period_keys

-- A correction that was sent back changes neither the figures nor the state: it stands beside the accepted report.
SELECT
    coverage.unit_code, coverage.unit_valid_from, coverage.period_key, coverage.status, coverage.received_at,
    coverage.submission, coverage.findings, newer.name AS newer_name, newer.received_at AS newer_received_at
FROM coverage_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[])) AS coverage
LEFT JOIN report_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[]), is_rejected => true) AS rejected
    ON rejected.unit_no = coverage.unit_no AND rejected.period_key = coverage.period_key
LEFT JOIN submission AS newer
    ON newer.sha256 = rejected.submission
        AND coverage.status <> 'rejected'
        AND (newer.received_at, newer.sha256) > (coverage.received_at, coverage.submission)
WHERE coverage.status <> 'missing'
