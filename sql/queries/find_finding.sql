-- Give what the last reading of some submissions found in the given periods.
-- grain: finding
-- needs: finding, reading; parameters submissions, period_keys
SELECT
    finding.code, finding.rule, finding.severity, finding.unit, finding.period, finding.field, finding.measure, finding.sheet,
    finding.cell, finding.found, finding.expected, finding.message_vi, finding.message_en, finding.suggestion, finding.waiver_no, finding.source_system
FROM finding
WHERE finding.submission = ANY (CAST(:submissions AS text[]))
    AND finding.period = ANY (CAST(:period_keys AS text[]))
    AND finding.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = finding.submission)
ORDER BY finding.submission, finding.ordinal
