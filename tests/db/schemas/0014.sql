INSERT INTO measure VALUES ('received_total', 1, 'Tổng số tiếp nhận', 'received, total', 'derived');
INSERT INTO rate VALUES ('in_time', 'Tỷ lệ đúng hạn', 'in time', 'resolved_in_time', 'resolved_total');
INSERT INTO source_system VALUES ('city', 'Hệ thống thành phố', 'city system');
