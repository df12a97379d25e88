INSERT INTO report (submission, revision, unit_no, period_key, edition, verdict, content_sha256) VALUES
    ('aeeb8417ad8d68c4095b037981892cbc001cadc2a82cb07a145ee39ec53135ee', 2, 2, '2022-03', 'plain', 'accepted', 'fd');
INSERT INTO report_row (report_no, sheet, row_no, source_system, field, field_name, received_total, resolved_total, pending_total)
    SELECT report_no, 'BC', 2, '', 'all', '', 5, 3, 2 FROM report WHERE content_sha256 = 'fd';
