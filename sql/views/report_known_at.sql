-- Give the report that counts for each unit and period; or the last rejected one.
-- grain: unit × period
-- needs: reading, report, submission, standing

-- A submission speaks through its last reading. Which accepted report counts is written in standing as it changes
-- (etl/standing.py); of the rejected ones it is the one that arrived last.
CREATE FUNCTION report_known_at(as_of timestamptz, wanted_keys text[] DEFAULT NULL, is_rejected boolean DEFAULT false)
RETURNS TABLE (
    report_no bigint, unit_no integer, period_key text, submission text, edition text, verdict text,
    content_sha256 text, received_at timestamptz, loaded_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT
        report.report_no, report.unit_no, report.period_key, report.submission, report.edition, report.verdict,
        report.content_sha256, submission.received_at, reading.read_at
    FROM standing
    JOIN report
        ON report.submission = standing.submission AND report.unit_no = standing.unit_no
            AND report.period_key = standing.period_key
    JOIN reading ON reading.submission = report.submission AND reading.revision = report.revision
    JOIN submission ON submission.sha256 = report.submission
    WHERE NOT is_rejected
        AND standing.stand = 'counts'
        AND standing.stands_at <= as_of
        AND report.verdict <> 'rejected'
        AND reading.read_at <= as_of
        AND (wanted_keys IS NULL OR standing.period_key = ANY (wanted_keys))
        AND NOT EXISTS (
            SELECT FROM standing AS later
            WHERE later.period_key = standing.period_key
                AND later.unit_no = standing.unit_no
                AND later.submission = standing.submission
                AND later.standing_no > standing.standing_no
                AND later.stands_at <= as_of
        )
        AND NOT EXISTS (
            SELECT FROM reading AS later
            WHERE later.submission = reading.submission
                AND later.revision > reading.revision
                AND later.read_at <= as_of
        )
    UNION ALL
    (
        SELECT DISTINCT ON (report.unit_no, report.period_key)
            report.report_no, report.unit_no, report.period_key, report.submission, report.edition, report.verdict,
            report.content_sha256, submission.received_at, reading.read_at
        FROM report
        JOIN reading ON reading.submission = report.submission AND reading.revision = report.revision
        JOIN submission ON submission.sha256 = report.submission
        WHERE is_rejected
            AND report.verdict = 'rejected'
            AND reading.read_at <= as_of
            AND (wanted_keys IS NULL OR report.period_key = ANY (wanted_keys))
            AND NOT EXISTS (
                SELECT FROM reading AS later
                WHERE later.submission = reading.submission
                    AND later.revision > reading.revision
                    AND later.read_at <= as_of
            )
        ORDER BY report.unit_no, report.period_key, submission.received_at DESC, report.submission DESC
    );
END;
COMMENT ON FUNCTION report_known_at IS 'The report that counts for each unit and period, as known at a moment.';
