INSERT INTO submission (sha256, name, size_bytes, received_at, sent_by, archived_as) VALUES
    ('66c5ed447803a3238d42ba80075add57c90aeba0c3c060618b1301f18c6ec9b4', 'BC TTHC P. Lê Lợi T4-2022.xlsx', 8000, '2022-04-17T02:14:00Z', '09574', '{archive}/66/66c5ed447803a3238d42ba80075add57c90aeba0c3c060618b1301f18c6ec9b4'),
    ('471f4a6af13f9f639e357cb8152217a03eb9a6034457050ec7ae629e00ff0f93', 'bao cao tthc phu thinh thang 4.2022.xlsx', 8001, '2022-04-16T02:14:00Z', '09577', '{archive}/47/471f4a6af13f9f639e357cb8152217a03eb9a6034457050ec7ae629e00ff0f93'),
    ('aeeb8417ad8d68c4095b037981892cbc001cadc2a82cb07a145ee39ec53135ee', 'NGÔ QUYỀN - II.06a - tháng 4.xlsx', 8002, '2022-04-16T03:14:00Z', NULL, '{archive}/ae/aeeb8417ad8d68c4095b037981892cbc001cadc2a82cb07a145ee39ec53135ee');
INSERT INTO reading (submission, revision, outcome, fingerprint, read_at) VALUES
    ('66c5ed447803a3238d42ba80075add57c90aeba0c3c060618b1301f18c6ec9b4', 1, 'read', 'a1', '2022-04-17T02:15:00Z'),
    ('471f4a6af13f9f639e357cb8152217a03eb9a6034457050ec7ae629e00ff0f93', 1, 'read', 'b1', '2022-04-16T02:15:00Z'),
    ('aeeb8417ad8d68c4095b037981892cbc001cadc2a82cb07a145ee39ec53135ee', 1, 'unreadable', 'c1', '2022-04-16T03:15:00Z');
INSERT INTO report (submission, revision, unit_no, period_key, edition, verdict, content_sha256) VALUES
    ('66c5ed447803a3238d42ba80075add57c90aeba0c3c060618b1301f18c6ec9b4', 1, 1, '2022-04', '2020', 'rejected', 'fa'), ('471f4a6af13f9f639e357cb8152217a03eb9a6034457050ec7ae629e00ff0f93', 1, 2, '2022-04', '2020', 'accepted with warnings', 'fb');
INSERT INTO report_row (
    report_no, sheet, row_no, source_system, field, field_name, received_total, received_in_period, received_online,
    received_direct, carried_over, resolved_total, resolved_in_time, resolved_early, resolved_on_time, resolved_overdue,
    pending_total, pending_in_time, pending_overdue, statements, determined
) VALUES
    (2, 'BC', 9, '', 'chung-thuc', 'Chứng thực', 40, NULL, 0, 38, 2, 39, NULL, 9, 30, 0, 1, 1, 0, '{"received_online": "dash"}', '{"received_in_period": 38, "resolved_in_time": 39}'),
    (2, 'BC', 10, '', NULL, 'Lĩnh vực lạ', 3, NULL, 0, 3, 0, 3, NULL, 0, 3, 0, 0, 0, 0, '{}', '{"received_in_period": 3, "resolved_in_time": 3}');
INSERT INTO finding VALUES
    ('66c5ed447803a3238d42ba80075add57c90aeba0c3c060618b1301f18c6ec9b4', 1, 1, 1, 'B', 'B.resolved', 'error', '09574', '2022-04', 'chung-thuc', 'resolved_total', 'BC T4', 'G9', '54', '99', 'Ô G9 …', 'Cell G9 …', '{"cell": "I9", "value": 49}'),
    ('471f4a6af13f9f639e357cb8152217a03eb9a6034457050ec7ae629e00ff0f93', 1, 1, 2, 'S', 'S.field', 'warning', '09577', '2022-04', NULL, NULL, 'BC', 'B10', 'Lĩnh vực lạ', NULL, 'Tên lạ', 'A name', NULL),
    ('aeeb8417ad8d68c4095b037981892cbc001cadc2a82cb07a145ee39ec53135ee', 1, 1, NULL, 'S', 'S.unreadable', 'error', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'Không đọc được', 'Unreadable', NULL);
