-- List the corrections made to reports of the given files.
-- grain: correction
-- needs: correction, report, unit; parameter submissions
SELECT
    correction.correction_no, report.submission, unit.code AS unit, report.period_key AS period, correction.sheet,
    correction.row_no AS row, correction.measure, correction.original, correction.corrected, correction.reason, correction.author
FROM correction
JOIN report ON report.report_no = correction.report_no
JOIN unit ON unit.unit_no = report.unit_no
WHERE report.submission = ANY (CAST(:submissions AS text[]))
ORDER BY correction.correction_no
