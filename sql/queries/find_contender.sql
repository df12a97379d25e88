-- Give every report of the asked units and periods as its file was last read, and how it stands beside the others.
-- grain: unit × period × submission
-- needs: report, reading, submission, standing, unit, period; keys as a JSON list

-- A file that once held such a report and no longer does, by today's rules, is listed without a verdict.
WITH
asked AS (
    SELECT DISTINCT unit.unit_no, unit.code, unit.valid_from, given.period_key
    FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS given (unit_code text, unit_valid_from date, period_key text)
    JOIN unit ON unit.code = given.unit_code AND unit.valid_from IS NOT DISTINCT FROM given.unit_valid_from
),
known AS (
    SELECT DISTINCT asked.unit_no, asked.code, asked.valid_from, asked.period_key, report.submission
    FROM asked
    JOIN report ON report.period_key = asked.period_key AND report.unit_no = asked.unit_no
)
SELECT
    report.report_no, known.unit_no, known.code AS unit_code, known.valid_from AS unit_valid_from, known.period_key, known.submission,
    submission.name, submission.received_at, submission.modified_at,
    COALESCE(report.verdict <> 'rejected', false) AS is_accepted,
    COALESCE(report.content_sha256, '') AS content_sha256,
    report.stated_revision, report.signed_on, report.saved_at,
    COALESCE(last.stand, '') AS stand, COALESCE(last.cause, '') AS cause
FROM known
JOIN submission ON submission.sha256 = known.submission
LEFT JOIN report
    ON report.submission = known.submission AND report.unit_no = known.unit_no AND report.period_key = known.period_key
        AND report.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = known.submission)
LEFT JOIN LATERAL (
    SELECT standing.stand, standing.cause
    FROM standing
    WHERE standing.period_key = known.period_key
        AND standing.unit_no = known.unit_no
        AND standing.submission = known.submission
    ORDER BY standing.standing_no DESC
    LIMIT 1
) AS last ON true
ORDER BY known.unit_no, known.period_key, submission.received_at, known.submission
