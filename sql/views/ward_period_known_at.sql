-- Give the figures that count, row by row, completed by what the balances determine.
-- grain: unit × period × source system × field, one row each that the report printed
-- needs: report_known_at, report_row, unit, period, field

CREATE FUNCTION ward_period_known_at(as_of timestamptz, wanted_keys text[] DEFAULT NULL)
RETURNS TABLE (
    unit_code text, unit_name text, unit_kind text, is_desk boolean, unit_valid_from date, unit_valid_to date,
    period_key text, period_start date, period_end date, source_system text, field text, field_name text,
    received_total bigint,
    received_in_period bigint,
    received_online bigint,
    received_direct bigint,
    carried_over bigint,
    resolved_total bigint,
    resolved_in_time bigint,
    resolved_early bigint,
    resolved_on_time bigint,
    resolved_overdue bigint,
    pending_total bigint,
    pending_in_time bigint,
    pending_overdue bigint,
    verdict text, received_at timestamptz, submission text, sheet text, row_no integer
)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT
        unit.code, unit.name, unit.kind, unit.is_desk, unit.valid_from, unit.valid_to,
        report.period_key, period.start_date, period.end_date,
        report_row.source_system, report_row.field, COALESCE(field.name, report_row.field_name),
        COALESCE(report_row.received_total, CAST(report_row.determined ->> 'received_total' AS bigint)),
        COALESCE(report_row.received_in_period, CAST(report_row.determined ->> 'received_in_period' AS bigint)),
        COALESCE(report_row.received_online, CAST(report_row.determined ->> 'received_online' AS bigint)),
        COALESCE(report_row.received_direct, CAST(report_row.determined ->> 'received_direct' AS bigint)),
        COALESCE(report_row.carried_over, CAST(report_row.determined ->> 'carried_over' AS bigint)),
        COALESCE(report_row.resolved_total, CAST(report_row.determined ->> 'resolved_total' AS bigint)),
        COALESCE(report_row.resolved_in_time, CAST(report_row.determined ->> 'resolved_in_time' AS bigint)),
        COALESCE(report_row.resolved_early, CAST(report_row.determined ->> 'resolved_early' AS bigint)),
        COALESCE(report_row.resolved_on_time, CAST(report_row.determined ->> 'resolved_on_time' AS bigint)),
        COALESCE(report_row.resolved_overdue, CAST(report_row.determined ->> 'resolved_overdue' AS bigint)),
        COALESCE(report_row.pending_total, CAST(report_row.determined ->> 'pending_total' AS bigint)),
        COALESCE(report_row.pending_in_time, CAST(report_row.determined ->> 'pending_in_time' AS bigint)),
        COALESCE(report_row.pending_overdue, CAST(report_row.determined ->> 'pending_overdue' AS bigint)),
        report.verdict, report.received_at, report.submission, report_row.sheet, report_row.row_no
    FROM report_known_at(as_of, wanted_keys) AS report
    JOIN unit ON unit.unit_no = report.unit_no
    JOIN period ON period.period_key = report.period_key
    JOIN report_row ON report_row.report_no = report.report_no
    LEFT JOIN field ON field.code = report_row.field;
END;
COMMENT ON FUNCTION ward_period_known_at IS 'The figures that count, as known at a moment.';
