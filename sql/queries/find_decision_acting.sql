-- List the accepted findings and corrected figures of the reports that count, as known at a moment.
-- grain: finding
-- needs: report_known_at, finding, unit; parameters as_of, period_keys
SELECT
    unit.code AS unit_code, unit.valid_from AS unit_valid_from, report.period_key,
    CASE WHEN finding.waiver_no IS NULL THEN 'correction' ELSE 'waiver' END AS kind,
    finding.field, finding.measure, finding.cell, finding.rule, finding.found, finding.expected,
    finding.message_vi, finding.message_en
FROM report_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[])) AS report
JOIN finding ON finding.report_no = report.report_no
JOIN unit ON unit.unit_no = report.unit_no
WHERE finding.waiver_no IS NOT NULL OR finding.rule = 'V.corrected'
ORDER BY report.period_key, unit.code, unit.valid_from NULLS FIRST, finding.ordinal
