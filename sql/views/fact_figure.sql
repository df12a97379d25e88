-- Give the figures that the town's sums are made of.
-- grain: unit × period × source system × field, one row each that the report printed
-- needs: ward_period, unit_key, report_row, period

-- What is added up here and nothing else is in the town's sums: reports that count, of units that exist on the last day
-- of the period. A report with a row for all fields is counted by that row alone.
CREATE VIEW fact_figure AS
SELECT
    unit_key(ward_period.unit_code, ward_period.unit_valid_from) AS unit_key,
    ward_period.period_key,
    COALESCE(ward_period.field, 'unlisted') AS field,
    ward_period.source_system,
    ward_period.received_total,
    ward_period.received_in_period,
    ward_period.received_online,
    ward_period.received_direct,
    ward_period.carried_over,
    ward_period.resolved_total,
    ward_period.resolved_in_time,
    ward_period.resolved_early,
    ward_period.resolved_on_time,
    ward_period.resolved_overdue,
    ward_period.pending_total,
    ward_period.pending_in_time,
    ward_period.pending_overdue,
    ward_period.verdict,
    ward_period.received_at,
    ward_period.received_at > period.due_at AS is_late,
    ward_period.submission
FROM ward_period
JOIN period ON period.period_key = ward_period.period_key
WHERE ward_period.period_end >= COALESCE(ward_period.unit_valid_from, '-infinity')
    AND ward_period.period_end <= COALESCE(ward_period.unit_valid_to, 'infinity')
    AND (
        ward_period.field = 'all'
        OR ward_period.report_no NOT IN (SELECT report_row.report_no FROM report_row WHERE report_row.field = 'all')
    );
COMMENT ON VIEW fact_figure IS 'Fact: the figures that count. Summed over units, fields and source systems of a period they are the town''s; over periods only flows add. An empty measure was not reported: compare count(*) with count(measure) before a sum is used.';
COMMENT ON COLUMN fact_figure.unit_key IS 'The unit: dim_unit.';
COMMENT ON COLUMN fact_figure.period_key IS 'The period: dim_period. Choose one period_kind before adding.';
COMMENT ON COLUMN fact_figure.field IS 'The field: dim_field. One that is not there held nothing, unless the report does not divide by fields: that is the line "all". A report may have several lines "unlisted".';
COMMENT ON COLUMN fact_figure.source_system IS 'The source system: dim_source_system.';
COMMENT ON COLUMN fact_figure.is_late IS 'Whether the report came after it was due; empty where the period was never due.';
COMMENT ON COLUMN fact_figure.verdict IS 'accepted or accepted with warnings: what is rejected is in no figure.';
COMMENT ON COLUMN fact_figure.received_at IS 'When the report arrived.';
COMMENT ON COLUMN fact_figure.submission IS 'SHA-256 of the file it comes from.';
