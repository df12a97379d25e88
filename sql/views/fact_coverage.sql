-- Count for each unit and period whether its report is expected, in, rejected, missing, late, waived, corrected.
-- grain: unit × period, for the units expected in a period and those that reported
-- needs: coverage, unit_key

CREATE VIEW fact_coverage AS
SELECT
    unit_key(unit_code, unit_valid_from) AS unit_key,
    period_key,
    status,
    received_at,
    CAST(is_expected AS integer) AS units_expected,
    CAST(is_expected AND status LIKE 'accepted%' AS integer) AS units_in,
    CAST(is_expected AND status = 'rejected' AS integer) AS units_rejected,
    CAST(is_expected AND status = 'missing' AS integer) AS units_missing,
    CASE WHEN due_at IS NOT NULL THEN CAST(is_expected AND status LIKE 'accepted%' AND is_late AS integer) END AS units_late,
    CAST(is_expected AND status LIKE 'accepted%' AND waived > 0 AS integer) AS units_waived,
    CAST(is_expected AND status LIKE 'accepted%' AND corrected > 0 AS integer) AS units_corrected,
    waived,
    corrected
FROM coverage;
COMMENT ON VIEW fact_coverage IS 'Fact: which reports are in the figures. Its counts are 0 or 1 and add up over units: a figure is partial where units_in is less than units_expected.';
COMMENT ON COLUMN fact_coverage.unit_key IS 'The unit: dim_unit.';
COMMENT ON COLUMN fact_coverage.period_key IS 'The period: dim_period.';
COMMENT ON COLUMN fact_coverage.status IS 'accepted, accepted with warnings, rejected or missing.';
COMMENT ON COLUMN fact_coverage.waived IS 'Findings of the report that somebody has accepted.';
COMMENT ON COLUMN fact_coverage.corrected IS 'Figures of the report that an operator has corrected.';
COMMENT ON COLUMN fact_coverage.received_at IS 'When the report that counts arrived; without one, the last rejected one.';
COMMENT ON COLUMN fact_coverage.units_expected IS '1 where the unit exists on the last day of the period. One that does not and reported nevertheless is in no figure: 0, as all its counts.';
COMMENT ON COLUMN fact_coverage.units_in IS '1 where its accepted report is in the figures.';
COMMENT ON COLUMN fact_coverage.units_rejected IS '1 where it only sent reports that were rejected.';
COMMENT ON COLUMN fact_coverage.units_missing IS '1 where it sent none.';
COMMENT ON COLUMN fact_coverage.units_late IS '1 where the report that is in came after it was due; empty where the period was never due: nobody is late for history.';
COMMENT ON COLUMN fact_coverage.units_waived IS '1 where a finding of the report that is in was accepted.';
COMMENT ON COLUMN fact_coverage.units_corrected IS '1 where a figure of the report that is in was corrected.';
