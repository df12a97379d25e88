INSERT INTO reading (submission, revision, outcome, fingerprint, read_at) VALUES
    ('aeeb8417ad8d68c4095b037981892cbc001cadc2a82cb07a145ee39ec53135ee', 2, 'read', 'c2', '2022-04-19T03:15:00Z');
INSERT INTO report (submission, revision, unit_no, period_key, edition, verdict, content_sha256) VALUES
    ('aeeb8417ad8d68c4095b037981892cbc001cadc2a82cb07a145ee39ec53135ee', 2, 3, '2022-04', '2020', 'accepted', 'fc');
INSERT INTO report_row (report_no, sheet, row_no, source_system, field, field_name, received_total, resolved_total, pending_total)
    VALUES (3, 'BC', 9, 'city', 'ho-tich', 'Hộ tịch', 7, 7, 0);
