INSERT INTO waiver (unit_no, period_key, rule, field, measure, found, reason, author, until) VALUES
    (1, '2022-03', 'B.resolved', 'chung-thuc', 'resolved_total', '54', 'đã đối chiếu sổ', 'vận hành', NULL);
INSERT INTO correction (report_no, sheet, row_no, measure, original, corrected, reason, author) VALUES
    (2, 'BC', 10, 'resolved_on_time', 2, 3, 'qua điện thoại', 'vận hành');
