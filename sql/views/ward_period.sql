-- Give the figures that count now, row by row.
-- grain: unit × period × source system × field, one row each that the report printed
-- needs: ward_period_known_at

CREATE VIEW ward_period AS
SELECT
    unit_code, unit_name, unit_kind, is_desk, unit_valid_from, period_key, period_start, period_end,
    source_system, field, field_name,
    received_total,
    received_in_period,
    received_online,
    received_direct,
    carried_over,
    resolved_total,
    resolved_in_time,
    resolved_early,
    resolved_on_time,
    resolved_overdue,
    pending_total,
    pending_in_time,
    pending_overdue,
    verdict, received_at, submission, sheet, row_no
FROM ward_period_known_at('infinity');
COMMENT ON VIEW ward_period IS 'The figures of each ward and period that count. Empty: neither reported nor determined, never 0.';
