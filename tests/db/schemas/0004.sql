INSERT INTO publication (period_key, number, published_at, fingerprint, content, coverage, inputs, files) VALUES (
    '2022-04', 1, '2022-04-18T01:00:00Z', 'state-1',
    '{"columns": ["scope", "unit_code", "unit_name", "field", "source_system", "received_total", "resolved_total"],
      "rows": [["town", null, null, "all", "all", 43, 42], ["ward", "09577", "Phú Thịnh", "all", "all", 43, 42]]}',
    '[{"unit_code": "09577", "unit_name": "Phú Thịnh", "period_key": "2022-04", "expected": true, "status": "accepted with warnings", "is_late": false},
      {"unit_code": "09574", "unit_name": "Lê Lợi", "period_key": "2022-04", "expected": true, "status": "rejected", "is_late": false}]',
    '["471f4a6af13f9f639e357cb8152217a03eb9a6034457050ec7ae629e00ff0f93"]', '{"town-2022-04.csv": "00"}'
);
INSERT INTO mail (state_key, kind, recipients, subject, body_text, queued_at, sent_at, attempts) VALUES
    ('receipt:66c5ed447803a3238d42ba80075add57c90aeba0c3c060618b1301f18c6ec9b4:rejected', 'receipt', '{09574@phuong.sontay.example}', '[Cần sửa]', 'xin sửa', '2022-04-17T02:15:00Z', '2022-04-17T02:16:00Z', 1);
INSERT INTO mail (state_key, kind, recipients, subject, body_text, attempts, last_error) VALUES
    ('digest:2022-04:1', 'digest', '{town@sontay.example}', 'Số liệu', 'đã công bố', 3, 'the server is away');
