-- What the figures mean, for readers of the warehouse alone: measures, rates and source systems, from the reference folder.
-- grain: one table a noun of the reference folder
-- needs: 0001_reference

CREATE TABLE measure (
    name text PRIMARY KEY,
    ordinal integer NOT NULL,
    label_vi text NOT NULL,
    label_en text NOT NULL,
    over_time text NOT NULL CHECK (over_time IN ('flow', 'opening', 'closing', 'derived'))
);
COMMENT ON TABLE measure IS 'A counted column of the form.';
COMMENT ON COLUMN measure.name IS 'Column of the figures that holds it.';
COMMENT ON COLUMN measure.ordinal IS 'Order in the form.';
COMMENT ON COLUMN measure.label_vi IS 'What it is called in Vietnamese.';
COMMENT ON COLUMN measure.label_en IS 'What it is called in English.';
COMMENT ON COLUMN measure.over_time IS 'Over several periods: flow: add; opening: take the first period''s; closing: take the last period''s; derived: from the others by its balance.';

CREATE TABLE rate (
    name text PRIMARY KEY,
    label_vi text NOT NULL,
    label_en text NOT NULL,
    part text NOT NULL,
    whole text NOT NULL
);
COMMENT ON TABLE rate IS 'A share in percent: always computed from summed counts, never averaged.';
COMMENT ON COLUMN rate.name IS 'Name of the share.';
COMMENT ON COLUMN rate.label_vi IS 'What it is called in Vietnamese.';
COMMENT ON COLUMN rate.label_en IS 'What it is called in English.';
COMMENT ON COLUMN rate.part IS 'Measure that is the part.';
COMMENT ON COLUMN rate.whole IS 'Measure that is the whole.';

CREATE TABLE source_system (
    code text PRIMARY KEY,
    label_vi text NOT NULL,
    label_en text NOT NULL
);
COMMENT ON TABLE source_system IS 'A system that a ward reports from under a section heading of its own.';
COMMENT ON COLUMN source_system.code IS 'Stable code; empty where the sheet names none.';
COMMENT ON COLUMN source_system.label_vi IS 'What it is called in Vietnamese.';
COMMENT ON COLUMN source_system.label_en IS 'What it is called in English.';
INSERT INTO source_system (code, label_vi, label_en) VALUES ('', 'Không ghi hệ thống', 'no system named');

GRANT SELECT, INSERT, UPDATE, DELETE ON measure, rate, source_system TO loader;
