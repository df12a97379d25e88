-- List what operators decided, the oldest first, and whether it acts on the report that counts or was last refused.
-- grain: decision
-- needs: waiver, correction, ruling, report, finding, reading, unit, submission, standing; parameter period_key

-- A waiver acts where the last reading of a file has a finding that it accepts; a correction where it made the finding
-- V.corrected; a ruling where it is the last one about its report.
WITH
last_finding AS (
    SELECT finding.*
    FROM finding
    WHERE (finding.waiver_no IS NOT NULL OR finding.rule = 'V.corrected')
        AND finding.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = finding.submission)
)
SELECT
    'waiver' AS kind, waiver.waiver_no AS number, unit.code AS unit_code, unit.name AS unit_name, waiver.period_key,
    waiver.rule AS about, waiver.found AS old, waiver.expected AS new, waiver.reason, waiver.author, waiver.until,
    waiver.granted_at AS made_at,
    EXISTS (SELECT FROM last_finding WHERE last_finding.waiver_no = waiver.waiver_no) AS acts
FROM waiver
JOIN unit ON unit.unit_no = waiver.unit_no
WHERE CAST(:period_key AS text) IS NULL OR waiver.period_key = :period_key
UNION ALL
SELECT
    'correction', correction.correction_no, unit.code, unit.name, report.period_key,
    correction.sheet || ', row ' || correction.row_no || ', ' || correction.measure,
    CAST(correction.original AS text), CAST(correction.corrected AS text), correction.reason, correction.author, NULL,
    correction.made_at,
    EXISTS (
        SELECT FROM last_finding
        WHERE last_finding.submission = report.submission
            AND last_finding.rule = 'V.corrected'
            AND last_finding.unit = unit.code
            AND last_finding.period = report.period_key
            AND last_finding.sheet = correction.sheet
            AND last_finding.measure = correction.measure
            AND regexp_replace(last_finding.cell, '[^0-9]', '', 'g') = CAST(correction.row_no AS text)
    )
    AND NOT EXISTS (
        SELECT FROM correction AS later
        JOIN report AS other ON other.report_no = later.report_no
        WHERE other.submission = report.submission
            AND other.unit_no = report.unit_no
            AND other.period_key = report.period_key
            AND (later.sheet, later.row_no, later.measure) = (correction.sheet, correction.row_no, correction.measure)
            AND later.correction_no > correction.correction_no
    )
FROM correction
JOIN report ON report.report_no = correction.report_no
JOIN unit ON unit.unit_no = report.unit_no
WHERE CAST(:period_key AS text) IS NULL OR report.period_key = :period_key
UNION ALL
SELECT
    'ruling', ruling.ruling_no, unit.code, unit.name, ruling.period_key,
    submission.name, NULL, CASE WHEN ruling.is_counted THEN 'counts' ELSE 'set aside' END, ruling.reason, ruling.author, NULL,
    ruling.made_at,
    NOT EXISTS (
        SELECT FROM ruling AS later
        WHERE later.submission = ruling.submission AND later.unit_no = ruling.unit_no
            AND later.period_key = ruling.period_key AND later.ruling_no > ruling.ruling_no
    )
FROM ruling
JOIN unit ON unit.unit_no = ruling.unit_no
JOIN submission ON submission.sha256 = ruling.submission
WHERE CAST(:period_key AS text) IS NULL OR ruling.period_key = :period_key
ORDER BY made_at
