INSERT INTO waiver (unit_no, period_key, rule, source_system, reason, author) VALUES (3, '2022-03', 'V.blank', 'city', 'để trống là 0', 'vận hành');
INSERT INTO finding (submission, revision, ordinal, code, rule, severity, message_vi, message_en, source_system)
    VALUES ('0a84392d8b56c70b31deeced8474ea548b1334cea3e4446b7b34d93bb615b33c', 1, 1, 'V', 'V.blank', 'warning', 'Ô trống', 'Blank', 'city');
