-- Give the rows of some reports, whether they count or not.
-- grain: row of a report
-- needs: report_row; parameter report_nos

-- All columns of report_row: the form says which of them are its measures.
SELECT report_row.*
FROM report_row
WHERE report_row.report_no = ANY (CAST(:report_nos AS bigint[]))
ORDER BY report_row.report_no, report_row.sheet, report_row.row_no
