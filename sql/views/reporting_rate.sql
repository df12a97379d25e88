-- Count for each period how many of the expected reports are in.
-- grain: period
-- needs: coverage

CREATE VIEW reporting_rate AS
SELECT
    period_key,
    min(period_start) AS period_start,
    min(period_end) AS period_end,
    count(*) AS units_expected,
    count(*) FILTER (WHERE status LIKE 'accepted%') AS units_in,
    CASE
        WHEN min(due_at) IS NOT NULL THEN count(*) FILTER (WHERE status LIKE 'accepted%' AND NOT is_late)
    END AS units_in_time,
    count(*) FILTER (WHERE status = 'rejected') AS units_rejected,
    count(*) FILTER (WHERE status = 'missing') AS units_missing,
    round(count(*) FILTER (WHERE status LIKE 'accepted%') / CAST(count(*) AS numeric), 4) AS reporting_rate
FROM coverage
WHERE is_expected
GROUP BY period_key;
COMMENT ON VIEW reporting_rate IS 'How many of the expected reports of a period are in, in time, rejected, missing.';
COMMENT ON COLUMN reporting_rate.units_in_time IS 'Units whose accepted report was in time; empty where the period was never due: history is neither in time nor late.';
COMMENT ON COLUMN reporting_rate.units_rejected IS 'Units with rejected reports only.';
COMMENT ON COLUMN reporting_rate.units_missing IS 'Units without any report.';
COMMENT ON COLUMN reporting_rate.reporting_rate IS 'units_in of units_expected.';
