-- Find the reports that do not divide by fields without reading every row of a nation.
-- grain: row for all fields
-- needs: 0002_reports

CREATE INDEX report_row_undivided ON report_row (report_no) WHERE field = 'all';
