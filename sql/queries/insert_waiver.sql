-- Accept a finding.
-- grain: waiver
-- needs: waiver, unit, period
INSERT INTO waiver (unit_no, period_key, rule, source_system, field, measure, found, expected, reason, author, until)
SELECT unit.unit_no, period.period_key, :rule, :source_system, :field, :measure, :found, :expected, :reason, :author, :until
FROM period
JOIN unit ON unit.code = :unit AND unit.valid @> period.end_date
WHERE period.period_key = :period
RETURNING waiver_no
