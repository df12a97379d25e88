-- List the waivers about the given periods, each with whether it is the last word on its finding.
-- grain: waiver
-- needs: waiver, unit; parameters period_keys
SELECT
    waiver.waiver_no, unit.code AS unit, unit.name AS unit_name, waiver.period_key AS period, waiver.rule, waiver.source_system,
    waiver.field, waiver.measure,
    waiver.found, waiver.expected, waiver.reason, waiver.author, waiver.until, waiver.granted_at,
    waiver.waiver_no = max(waiver.waiver_no) OVER (
        PARTITION BY waiver.unit_no, waiver.period_key, waiver.rule, waiver.source_system, waiver.field, waiver.measure, waiver.found, waiver.expected
    ) AS is_last
FROM waiver
JOIN unit ON unit.unit_no = waiver.unit_no
WHERE waiver.period_key = ANY (CAST(:period_keys AS text[]))
ORDER BY waiver.waiver_no
