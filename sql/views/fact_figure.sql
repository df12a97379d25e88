-- Give the figures that the town's sums are made of, one row for each field and source system that a report prints.
-- grain: unit × period × source system × field
-- needs: ward_period, unit_key, report_row, period

-- What is added up here and nothing else is in the town's sums: reports that count, of units that exist on the last day
-- of the period. A report with a row for all fields is counted by that row alone.
CREATE VIEW fact_figure AS
WITH
undivided AS (
    SELECT DISTINCT report_row.report_no
    FROM report_row
    WHERE report_row.field = 'all'
),
own AS (
    SELECT ward_period.*, COALESCE(ward_period.field, 'unlisted') AS line
    FROM ward_period
    LEFT JOIN undivided ON undivided.report_no = ward_period.report_no
    WHERE (undivided.report_no IS NULL OR ward_period.field = 'all')
        AND ward_period.period_end >= COALESCE(ward_period.unit_valid_from, '-infinity')
        AND ward_period.period_end <= COALESCE(ward_period.unit_valid_to, 'infinity')
)
SELECT
    unit_key(own.unit_code, own.unit_valid_from) AS unit_key,
    own.period_key,
    own.line AS field,
    own.source_system,
    CASE WHEN count(*) = count(own.received_total) THEN CAST(sum(own.received_total) AS bigint) END AS received_total,
    CASE WHEN count(*) = count(own.received_in_period) THEN CAST(sum(own.received_in_period) AS bigint) END AS received_in_period,
    CASE WHEN count(*) = count(own.received_online) THEN CAST(sum(own.received_online) AS bigint) END AS received_online,
    CASE WHEN count(*) = count(own.received_direct) THEN CAST(sum(own.received_direct) AS bigint) END AS received_direct,
    CASE WHEN count(*) = count(own.carried_over) THEN CAST(sum(own.carried_over) AS bigint) END AS carried_over,
    CASE WHEN count(*) = count(own.resolved_total) THEN CAST(sum(own.resolved_total) AS bigint) END AS resolved_total,
    CASE WHEN count(*) = count(own.resolved_in_time) THEN CAST(sum(own.resolved_in_time) AS bigint) END AS resolved_in_time,
    CASE WHEN count(*) = count(own.resolved_early) THEN CAST(sum(own.resolved_early) AS bigint) END AS resolved_early,
    CASE WHEN count(*) = count(own.resolved_on_time) THEN CAST(sum(own.resolved_on_time) AS bigint) END AS resolved_on_time,
    CASE WHEN count(*) = count(own.resolved_overdue) THEN CAST(sum(own.resolved_overdue) AS bigint) END AS resolved_overdue,
    CASE WHEN count(*) = count(own.pending_total) THEN CAST(sum(own.pending_total) AS bigint) END AS pending_total,
    CASE WHEN count(*) = count(own.pending_in_time) THEN CAST(sum(own.pending_in_time) AS bigint) END AS pending_in_time,
    CASE WHEN count(*) = count(own.pending_overdue) THEN CAST(sum(own.pending_overdue) AS bigint) END AS pending_overdue,
    own.verdict,
    own.received_at,
    own.received_at > period.due_at AS is_late,
    own.submission
FROM own
JOIN period ON period.period_key = own.period_key
GROUP BY
    own.unit_code, own.unit_valid_from, own.period_key, own.line, own.source_system, own.verdict, own.received_at,
    period.due_at, own.submission;
COMMENT ON VIEW fact_figure IS 'Fact: the figures that count. Summed over units, fields and source systems of a period they are the town''s; over periods only flows add. An empty measure was not reported: compare count(*) with count(measure) before a sum is used.';
COMMENT ON COLUMN fact_figure.unit_key IS 'The unit: dim_unit.';
COMMENT ON COLUMN fact_figure.period_key IS 'The period: dim_period. Choose one period_kind before adding.';
COMMENT ON COLUMN fact_figure.field IS 'The field: dim_field. A field without a row held nothing, unless the report does not divide: that is the line "all".';
COMMENT ON COLUMN fact_figure.source_system IS 'The source system: dim_source_system.';
COMMENT ON COLUMN fact_figure.is_late IS 'Whether the report came after it was due; empty where the period was never due.';
COMMENT ON COLUMN fact_figure.verdict IS 'accepted or accepted with warnings: what is rejected is in no figure.';
COMMENT ON COLUMN fact_figure.received_at IS 'When the report arrived.';
COMMENT ON COLUMN fact_figure.submission IS 'SHA-256 of the file it comes from.';
