-- List the waivers of the given periods that hold on a day.
-- grain: waiver
-- needs: waiver, unit; parameters period_keys, day
SELECT
    waiver.waiver_no, unit.code AS unit_code, waiver.period_key, waiver.rule, waiver.field, waiver.measure, waiver.found,
    waiver.reason, waiver.author, waiver.until, waiver.granted_at
FROM waiver
JOIN unit ON unit.unit_no = waiver.unit_no
WHERE waiver.period_key = ANY (CAST(:period_keys AS text[])) AND (waiver.until IS NULL OR waiver.until >= CAST(:day AS date))
ORDER BY waiver.waiver_no
