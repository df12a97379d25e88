INSERT INTO mail_message (sha256, revision, message_id, sender_address, unit_code, received_at, size_bytes, archived_as, outcome, doubt, attachments) VALUES
    (repeat('e', 64), 1, '<1@x>', 'la@example.vn', NULL, '2022-04-16T00:00:00Z', 900, '{archive}/ee/e', 'quarantined', 'unknown sender', '[{"name": "a.xlsx", "became": "not taken"}]'),
    (repeat('f', 64), 1, '<2@x>', '09577@phuong.sontay.example', '09577', '2022-04-16T00:00:00Z', 900, '{archive}/ff/f', 'taken', '', '[]');
INSERT INTO mail_place (mailbox, uid_validity, uid, sha256) VALUES ('town@host/INBOX', 7, 1, repeat('e', 64)), ('town@host/INBOX', 7, 2, repeat('f', 64));
