-- Give the rows of every accepted report, completed by what the balances determine, whether they still count or not.
-- grain: report × row
-- needs: report, report_row, submission, unit, period, field

CREATE VIEW figure AS
SELECT
    report.report_no,
    unit.code AS unit_code, unit.name AS unit_name, unit.kind AS unit_kind, unit.is_desk,
    unit.valid_from AS unit_valid_from, unit.valid_to AS unit_valid_to,
    period.period_key, period.start_date AS period_start, period.end_date AS period_end,
    report_row.source_system, report_row.field, COALESCE(field.name, report_row.field_name) AS field_name,
    COALESCE(report_row.received_total, CAST(report_row.determined ->> 'received_total' AS bigint)) AS received_total,
    COALESCE(report_row.received_in_period, CAST(report_row.determined ->> 'received_in_period' AS bigint)) AS received_in_period,
    COALESCE(report_row.received_online, CAST(report_row.determined ->> 'received_online' AS bigint)) AS received_online,
    COALESCE(report_row.received_direct, CAST(report_row.determined ->> 'received_direct' AS bigint)) AS received_direct,
    COALESCE(report_row.carried_over, CAST(report_row.determined ->> 'carried_over' AS bigint)) AS carried_over,
    COALESCE(report_row.resolved_total, CAST(report_row.determined ->> 'resolved_total' AS bigint)) AS resolved_total,
    COALESCE(report_row.resolved_in_time, CAST(report_row.determined ->> 'resolved_in_time' AS bigint)) AS resolved_in_time,
    COALESCE(report_row.resolved_early, CAST(report_row.determined ->> 'resolved_early' AS bigint)) AS resolved_early,
    COALESCE(report_row.resolved_on_time, CAST(report_row.determined ->> 'resolved_on_time' AS bigint)) AS resolved_on_time,
    COALESCE(report_row.resolved_overdue, CAST(report_row.determined ->> 'resolved_overdue' AS bigint)) AS resolved_overdue,
    COALESCE(report_row.pending_total, CAST(report_row.determined ->> 'pending_total' AS bigint)) AS pending_total,
    COALESCE(report_row.pending_in_time, CAST(report_row.determined ->> 'pending_in_time' AS bigint)) AS pending_in_time,
    COALESCE(report_row.pending_overdue, CAST(report_row.determined ->> 'pending_overdue' AS bigint)) AS pending_overdue,
    report.verdict, submission.received_at, report.submission, report_row.sheet, report_row.row_no
FROM report
JOIN submission ON submission.sha256 = report.submission
JOIN unit ON unit.unit_no = report.unit_no
JOIN period ON period.period_key = report.period_key
JOIN report_row ON report_row.report_no = report.report_no
LEFT JOIN field ON field.code = report_row.field;
COMMENT ON VIEW figure IS 'All figures ever accepted, superseded ones included; ward_period has those that count.';
