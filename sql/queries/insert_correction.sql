-- Record a corrected figure beside what the ward wrote.
-- grain: correction
-- needs: correction, report
INSERT INTO correction (report_no, sheet, row_no, measure, original, corrected, reason, author)
VALUES (:report_no, :sheet, :row_no, :measure, :original, :corrected, :reason, :author)
RETURNING correction_no
