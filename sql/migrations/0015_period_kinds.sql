-- Keep with each period what kind it is: a column has statistics, and a filter on it is planned well.
-- grain: period
-- needs: 0001_reference

ALTER TABLE period
    ADD COLUMN period_kind text NOT NULL GENERATED ALWAYS AS (
        CASE regexp_replace(period_key, '[0-9]', '0', 'g')
            WHEN '0000-00' THEN 'month'
            WHEN '0000-Q0' THEN 'quarter'
            WHEN '0000-H0' THEN 'half-year'
            WHEN '0000' THEN 'year'
            WHEN '0000-00/0000-00' THEN 'months'
            ELSE 'days'
        END
    ) STORED;
COMMENT ON COLUMN period.period_kind IS 'month, quarter, half-year, year, months (a run of them) or days.';
