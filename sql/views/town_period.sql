-- Add up each period over the wards, over the town's own desk, and over both, as known now.
-- grain: period × scope (wards, desk, town)
-- needs: town_period_known_at

CREATE VIEW town_period AS
SELECT
    period_key, period_start, period_end, scope, units_expected, units_in, is_partial,
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
    pending_overdue
FROM town_period_known_at('infinity');
COMMENT ON VIEW town_period IS 'The town''s figures of each period, with how many of the expected units are in them.';
COMMENT ON COLUMN town_period.scope IS 'wards (all together), desk (the town''s own), town (both).';
COMMENT ON COLUMN town_period.units_expected IS 'Units that owe a report.';
COMMENT ON COLUMN town_period.units_in IS 'Units whose report is accepted and in the figures.';
COMMENT ON COLUMN town_period.is_partial IS 'Whether a unit is missing from the figures.';
