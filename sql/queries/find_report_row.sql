-- Give the rows of the reports that count, as known at a moment.
-- grain: row of a report
-- needs: report_known_at, report_row, unit; parameters as_of, period_keys

-- All columns of report_row: the form says which of them are its measures.
SELECT unit.code AS unit_code, unit.valid_from AS unit_valid_from, report.period_key, report_row.*
FROM report_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[])) AS report
JOIN unit ON unit.unit_no = report.unit_no
JOIN report_row ON report_row.report_no = report.report_no
ORDER BY unit.code, unit.valid_from NULLS FIRST, report.period_key, report_row.sheet, report_row.row_no
