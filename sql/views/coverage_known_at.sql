-- Say for each unit and period whether its report is in.
-- grain: unit × period, for the units expected in a period and those that reported
-- needs: report_known_at, unit, period, finding

CREATE FUNCTION coverage_known_at(as_of timestamptz, wanted_keys text[] DEFAULT NULL)
RETURNS TABLE (
    unit_no integer, unit_code text, unit_name text, unit_kind text, is_desk boolean, unit_valid_from date,
    period_key text, period_start date, period_end date, due_at timestamptz,
    is_expected boolean, status text, received_at timestamptz, is_late boolean,
    submission text, content_sha256 text, findings text, waived bigint, corrected bigint
)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    WITH
    accepted AS (
        SELECT * FROM report_known_at(as_of, wanted_keys)
    ),
    rejected AS (
        SELECT * FROM report_known_at(as_of, wanted_keys, is_rejected => true)
    ),
    covered AS (
        SELECT
            unit.unit_no, unit.code, unit.name, unit.kind, unit.is_desk, unit.valid_from,
            period.period_key, period.start_date, period.end_date, period.due_at,
            unit.valid @> period.end_date AS is_expected,
            COALESCE(accepted.report_no, rejected.report_no) AS report_no,
            COALESCE(accepted.verdict, CASE WHEN rejected.report_no IS NOT NULL THEN 'rejected' END, 'missing') AS status,
            COALESCE(accepted.received_at, rejected.received_at) AS received_at,
            COALESCE(accepted.submission, rejected.submission) AS submission,
            COALESCE(COALESCE(accepted.received_at, LEAST(as_of, now())) > period.due_at, false) AS is_late,
            accepted.content_sha256
        FROM period
        CROSS JOIN unit
        LEFT JOIN accepted ON accepted.unit_no = unit.unit_no AND accepted.period_key = period.period_key
        LEFT JOIN rejected ON rejected.unit_no = unit.unit_no AND rejected.period_key = period.period_key
        WHERE wanted_keys IS NULL OR period.period_key = ANY (wanted_keys)
    ),
    counted AS (
        SELECT
            finding.report_no, finding.rule, finding.severity, count(*) AS times, count(finding.waiver_no) AS waived
        FROM covered
        JOIN finding ON finding.report_no = covered.report_no
        WHERE NOT (finding.code = 'H' AND finding.severity = 'warning') -- a question, asked anew from what is known now
        GROUP BY finding.report_no, finding.rule, finding.severity
    ),
    summed_up AS (
        SELECT
            counted.report_no,
            string_agg(counted.rule || ' × ' || counted.times, ', ' ORDER BY counted.severity, counted.rule) AS findings,
            CAST(sum(counted.waived) AS bigint) AS waived,
            CAST(COALESCE(sum(counted.times) FILTER (WHERE counted.rule = 'V.corrected'), 0) AS bigint) AS corrected
        FROM counted
        GROUP BY counted.report_no
    )
    SELECT
        covered.unit_no, covered.code, covered.name, covered.kind, covered.is_desk, covered.valid_from,
        covered.period_key, covered.start_date, covered.end_date, covered.due_at,
        covered.is_expected, covered.status, covered.received_at, covered.is_late,
        covered.submission, covered.content_sha256, COALESCE(summed_up.findings, ''),
        COALESCE(summed_up.waived, 0), COALESCE(summed_up.corrected, 0)
    FROM covered
    LEFT JOIN summed_up ON summed_up.report_no = covered.report_no
    WHERE covered.is_expected OR covered.report_no IS NOT NULL;
END;
COMMENT ON FUNCTION coverage_known_at IS 'Which reports are in, which are rejected, late or missing, as known at a moment.';
