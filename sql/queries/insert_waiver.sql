-- Grant a waiver to the unit that has the code on the last day of the period.
-- grain: waiver
-- needs: waiver, unit, period
INSERT INTO waiver (unit_no, period_key, rule, field, measure, found, reason, author, until)
SELECT
    unit.unit_no, period.period_key, :rule, CAST(:field AS text), CAST(:measure AS text), CAST(:found AS text),
    :reason, :author, CAST(:until AS date)
FROM period
JOIN unit ON unit.valid @> period.end_date
WHERE period.period_key = :period_key AND unit.code = :unit_code
RETURNING waiver_no
