-- Describe each reporting period that something was reported or asked for.
-- grain: period
-- needs: period

CREATE VIEW dim_period AS
WITH
named AS (
    SELECT
        period.*,
        CAST(left(period.period_key, 4) AS integer) AS year,
        CAST(substring(period.period_key FROM '^[0-9]{4}-([0-9]{2})$') AS integer) AS month,
        CAST(substring(period.period_key FROM '^[0-9]{4}-Q([1-4])$') AS integer) AS own_quarter,
        CAST(substring(period.period_key FROM '^[0-9]{4}-H([12])$') AS integer) AS own_half
    FROM period
)
SELECT
    period_key, start_date AS period_start, end_date AS period_end, period_kind, year,
    COALESCE(own_half, (own_quarter + 1) / 2, (month + 5) / 6) AS half,
    COALESCE(own_quarter, (month + 2) / 3) AS quarter,
    month, due_at
FROM named;
COMMENT ON VIEW dim_period IS 'Dimension: each period, with the year, half-year and quarter that it is part of. Figures of a month and of its quarter must not be added: choose a period_kind.';
COMMENT ON COLUMN dim_period.year IS 'Year of reporting; of a run, the year it begins in. By the calendar of the town it may begin in the year before.';
COMMENT ON COLUMN dim_period.half IS 'Half of the year, 1 or 2; empty for what is longer.';
COMMENT ON COLUMN dim_period.quarter IS 'Quarter of the year, 1 to 4; empty for what is longer.';
COMMENT ON COLUMN dim_period.month IS 'Month of reporting, 1 to 12; empty for what is longer.';
