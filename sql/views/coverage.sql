-- Say for each unit and period whether its report is in, now.
-- grain: unit × period
-- needs: coverage_known_at

CREATE VIEW coverage AS
SELECT
    unit_code, unit_name, unit_kind, is_desk, unit_valid_from, period_key, period_start, period_end, due_at,
    is_expected, status, received_at, is_late, findings
FROM coverage_known_at('infinity');
COMMENT ON VIEW coverage IS 'Which reports are in, rejected, late or missing.';
