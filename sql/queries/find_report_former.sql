-- Give the rows of the reports that count for these units and periods, but for those of a file itself.
-- grain: row of a report
-- needs: report_known_at, report_row, submission, unit; parameters submission, period_keys, unit_codes

-- All columns of report_row: the form says which of them are its measures.
SELECT
    unit.code AS unit_code, unit.valid_from AS unit_valid_from, report.period_key, report.content_sha256,
    submission.name, submission.received_at, report_row.*
FROM report_known_at('infinity', CAST(:period_keys AS text[])) AS report
JOIN unit ON unit.unit_no = report.unit_no
JOIN submission ON submission.sha256 = report.submission
JOIN report_row ON report_row.report_no = report.report_no
WHERE unit.code = ANY (CAST(:unit_codes AS text[]))
    AND submission.sha256 <> :submission
ORDER BY unit.code, unit.valid_from NULLS FIRST, report.period_key, report_row.sheet, report_row.row_no
