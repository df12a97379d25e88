-- Say for each unit and period whether its report is in, now.
-- grain: unit × period
-- needs: coverage_known_at

CREATE VIEW coverage AS
SELECT
    unit_code, unit_name, unit_kind, is_desk, unit_valid_from, period_key, period_start, period_end, due_at,
    is_expected, status, received_at, is_late, findings, waived, corrected
FROM coverage_known_at('infinity');
COMMENT ON VIEW coverage IS 'Which reports are in, rejected, late or missing.';
COMMENT ON COLUMN coverage.is_expected IS 'Whether the unit exists on the last day of the period, and so owes a report.';
COMMENT ON COLUMN coverage.status IS 'accepted, accepted with warnings, rejected or missing.';
COMMENT ON COLUMN coverage.is_late IS 'Whether the report that counts arrived after it was due; without one, whether it is overdue.';
COMMENT ON COLUMN coverage.waived IS 'Findings of the report that somebody has accepted.';
COMMENT ON COLUMN coverage.corrected IS 'Figures of the report that an operator has corrected.';
COMMENT ON COLUMN coverage.findings IS 'Rules that the report broke, and how often.';
