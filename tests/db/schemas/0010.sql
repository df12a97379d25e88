INSERT INTO succession_group VALUES ('2025-01-01', 1, 1, 'before', false, true), ('2025-01-01', 1, 4, 'after', false, true);
