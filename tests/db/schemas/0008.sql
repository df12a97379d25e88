INSERT INTO submission (sha256, name, size_bytes, received_at, archived_as, modified_at) VALUES
    ('0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', 'muộn.csv', 10, '2022-05-01T00:00:00Z', '{archive}/0a/0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', '2022-04-30T00:00:00Z');
INSERT INTO reading (submission, revision, outcome, fingerprint) VALUES ('0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', 1, 'read', 'd1');
INSERT INTO report (submission, revision, unit_no, period_key, edition, verdict, content_sha256, stated_revision, signed_on, saved_at)
    VALUES ('0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', 1, 2, '2022-04', 'plain', 'accepted', 'fe', 2, '2022-04-29', '2022-04-29T09:00:00Z');
INSERT INTO standing (unit_no, period_key, submission, stand, cause) VALUES (2, '2022-04', '0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', 'waits', 'closed');
INSERT INTO ruling (submission, unit_no, period_key, is_counted, reason, author) VALUES
    ('0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', 2, '2022-04', false, 'gửi nhầm', 'vận hành');
INSERT INTO standing (unit_no, period_key, submission, stand) VALUES (2, '2022-04', '0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', 'set aside');
INSERT INTO rejudgement (submission, cause, done_at) VALUES ('471f4a6af13f9f639e357cb8152217a03eb9a6034457050ec7ae629e00ff0f93', 'previous', now());
INSERT INTO waiver (unit_no, period_key, rule, reason, author, expected) VALUES (1, '2022-03', 'B.pending', 'sổ giấy', 'vận hành', '8');
INSERT INTO mail_attachment SELECT max(mail_no), 1, 'bản sửa.xlsx', 'text/csv', '\x0001ff' FROM mail;
