-- Say for each unit and the given periods whether its report is in, as known at a moment, and what came after it.
-- grain: unit × period
-- needs: coverage_known_at, report_known_at, standing, submission; parameters as_of, period_keys

-- A correction that was sent back, or waits for the operator, changes neither the figures nor the state: it stands
-- beside the accepted report.
SELECT
    coverage.unit_code, coverage.unit_valid_from, coverage.period_key, coverage.status, coverage.received_at,
    coverage.submission, coverage.findings, coverage.waived, coverage.corrected,
    COALESCE(waiting.name, newer.name) AS newer_name, COALESCE(waiting.received_at, newer.received_at) AS newer_received_at,
    CASE WHEN waiting.name IS NOT NULL THEN 'waits' ELSE 'rejected' END AS newer_why
FROM coverage_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[])) AS coverage
LEFT JOIN report_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[]), is_rejected => true) AS rejected
    ON rejected.unit_no = coverage.unit_no AND rejected.period_key = coverage.period_key
LEFT JOIN submission AS newer
    ON newer.sha256 = rejected.submission
        AND coverage.status <> 'rejected'
        AND (newer.received_at, newer.sha256) > (coverage.received_at, coverage.submission)
LEFT JOIN LATERAL (
    SELECT submission.name, submission.received_at
    FROM standing
    JOIN submission ON submission.sha256 = standing.submission
    WHERE standing.unit_no = coverage.unit_no
        AND standing.period_key = coverage.period_key
        AND standing.stand = 'waits'
        AND standing.stands_at <= CAST(:as_of AS timestamptz)
        AND NOT EXISTS (
            SELECT FROM standing AS later
            WHERE later.period_key = standing.period_key
                AND later.unit_no = standing.unit_no
                AND later.submission = standing.submission
                AND later.standing_no > standing.standing_no
                AND later.stands_at <= CAST(:as_of AS timestamptz)
        )
    ORDER BY submission.received_at DESC
    LIMIT 1
) AS waiting ON true
WHERE coverage.status <> 'missing'
