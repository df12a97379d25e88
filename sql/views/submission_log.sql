-- Say what became of every file ever received.
-- grain: submission
-- needs: submission, reading, report, finding
-- for: loader

-- Names of files and who sent them are the operator's: they may name a clerk.

CREATE VIEW submission_log AS
WITH
last_reading AS (
    SELECT DISTINCT ON (submission) submission, revision, outcome, read_at
    FROM reading
    ORDER BY submission, revision DESC
),
judged AS (
    SELECT
        submission, revision,
        count(*) FILTER (WHERE verdict <> 'rejected') AS reports_accepted,
        count(*) FILTER (WHERE verdict = 'rejected') AS reports_rejected
    FROM report
    GROUP BY submission, revision
),
found AS (
    SELECT
        submission, revision,
        count(*) FILTER (WHERE severity = 'error') AS errors,
        count(*) FILTER (WHERE severity = 'warning') AS warnings
    FROM finding
    GROUP BY submission, revision
)
SELECT
    submission.sha256, submission.name, submission.size_bytes, submission.received_at, submission.sent_by,
    last_reading.revision, COALESCE(last_reading.outcome, 'waiting') AS outcome, last_reading.read_at AS processed_at,
    COALESCE(judged.reports_accepted, 0) AS reports_accepted,
    COALESCE(judged.reports_rejected, 0) AS reports_rejected,
    COALESCE(found.errors, 0) AS errors,
    COALESCE(found.warnings, 0) AS warnings
FROM submission
LEFT JOIN last_reading ON last_reading.submission = submission.sha256
LEFT JOIN judged ON judged.submission = last_reading.submission AND judged.revision = last_reading.revision
LEFT JOIN found ON found.submission = last_reading.submission AND found.revision = last_reading.revision;
COMMENT ON VIEW submission_log IS 'Every file ever received, when it was processed and what came of it.';
COMMENT ON COLUMN submission_log.outcome IS 'read, unreadable, or waiting to be read.';
COMMENT ON COLUMN submission_log.processed_at IS 'When it was last read with a new result.';
COMMENT ON COLUMN submission_log.reports_accepted IS 'Reports of its last reading that are accepted.';
COMMENT ON COLUMN submission_log.reports_rejected IS 'Reports of its last reading that are rejected.';
COMMENT ON COLUMN submission_log.errors IS 'Findings that refuse a report.';
COMMENT ON COLUMN submission_log.warnings IS 'Findings that go with a report.';
