INSERT INTO mail (topic, state, state_key, kind, recipients, subject, body_text, body_html, refused_at, last_error) VALUES
    ('receipt:x', 'rejected', 'receipt:x:rejected', 'receipt', '{}', 'Không gửi được', 'thư', '<p>thư</p>', now(), 'nobody to send it to');
