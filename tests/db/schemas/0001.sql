INSERT INTO unit (code, name, kind, is_desk, valid_from, valid_to) VALUES
    ('09574', 'Lê Lợi', 'phường', false, NULL, '2024-12-31'),
    ('09577', 'Phú Thịnh', 'phường', false, NULL, '2025-06-30'),
    ('09580', 'Ngô Quyền', 'phường', false, NULL, '2024-12-31'),
    ('09574', 'Ngô Quyền', 'phường', false, '2025-01-01', '2025-06-30');
INSERT INTO unit_succession VALUES ('2025-01-01', '09574', 'Lê Lợi', '09574', 'Ngô Quyền', true);
INSERT INTO field VALUES ('chung-thuc', 'Chứng thực', '{}'), ('ho-tich', 'Hộ tịch', '{Tư pháp - Hộ tịch}');
INSERT INTO period (period_key, start_date, end_date, due_at) VALUES
    ('2022-03', '2022-02-15', '2022-03-14', NULL), ('2022-04', '2022-03-15', '2022-04-14', NULL);
