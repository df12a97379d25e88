-- What is known before any report arrives: roles, units, successions, fields, periods.
-- grain: one table a noun of the reference folder
-- needs: PostgreSQL 15

DO $$
DECLARE
    wanted name;
BEGIN
    FOREACH wanted IN ARRAY CAST(ARRAY['loader', 'reader'] AS name[]) LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server was quicker
END
$$;

-- Ranges of codes let validity be excluded by GiST where the extension btree_gist is not at hand.
CREATE TYPE code_span AS RANGE (SUBTYPE = text, COLLATION = "C");

CREATE TABLE unit (
    unit_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL,
    is_desk boolean NOT NULL,
    valid_from date,
    valid_to date,
    valid daterange NOT NULL GENERATED ALWAYS AS (daterange(valid_from, valid_to, '[]')) STORED,
    CONSTRAINT unit_key UNIQUE NULLS NOT DISTINCT (code, valid_from),
    CONSTRAINT unit_lives_in_order CHECK (valid_from <= valid_to),
    CONSTRAINT unit_validity_does_not_overlap
        EXCLUDE USING gist (code_span(code, code, '[]') WITH &&, valid WITH &&)
        DEFERRABLE INITIALLY IMMEDIATE
);
COMMENT ON TABLE unit IS 'A ward, or the town''s own desk, as it was between two days. An official code has meant different units.';
COMMENT ON COLUMN unit.unit_no IS 'Number of the unit in this warehouse; nothing outside knows it.';
COMMENT ON COLUMN unit.code IS 'Official code; with valid_from, the key.';
COMMENT ON COLUMN unit.name IS 'Name without its kind.';
COMMENT ON COLUMN unit.kind IS 'Phường, xã, town desk.';
COMMENT ON COLUMN unit.is_desk IS 'Reports to the town like a ward but is none: shown beside the wards.';
COMMENT ON COLUMN unit.valid_from IS 'First day; empty: before all that is known.';
COMMENT ON COLUMN unit.valid_to IS 'Last day; empty: still there.';
COMMENT ON COLUMN unit.valid IS 'The days from valid_from to valid_to, both inside.';

CREATE TABLE unit_succession (
    on_date date NOT NULL,
    from_code text NOT NULL,
    from_name text NOT NULL,
    to_code text NOT NULL,
    to_name text NOT NULL,
    is_whole boolean NOT NULL,
    PRIMARY KEY (on_date, from_code, from_name, to_code, to_name)
);
COMMENT ON TABLE unit_succession IS 'How a unit went into another on a day. After a split only the whole group can be compared.';
COMMENT ON COLUMN unit_succession.on_date IS 'First day of the successor.';
COMMENT ON COLUMN unit_succession.from_code IS 'Code of the unit that ended.';
COMMENT ON COLUMN unit_succession.from_name IS 'Name of the unit that ended.';
COMMENT ON COLUMN unit_succession.to_code IS 'Code of the successor; it may lie outside the town.';
COMMENT ON COLUMN unit_succession.to_name IS 'Name of the successor.';
COMMENT ON COLUMN unit_succession.is_whole IS 'Whether all of the unit went into this successor.';

CREATE TABLE field (
    code text PRIMARY KEY,
    name text NOT NULL,
    aliases text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE field IS 'A field of procedures (lĩnh vực).';
COMMENT ON COLUMN field.code IS 'Stable code; "all" stands for a report that names no fields.';
COMMENT ON COLUMN field.name IS 'Vietnamese name.';
COMMENT ON COLUMN field.aliases IS 'Other names that reports print.';
INSERT INTO field (code, name) VALUES ('all', 'Tất cả các lĩnh vực');

CREATE TABLE period (
    period_key text PRIMARY KEY,
    start_date date NOT NULL,
    end_date date NOT NULL,
    due_at timestamptz,
    CONSTRAINT period_runs_forward CHECK (start_date <= end_date)
);
COMMENT ON TABLE period IS 'A reporting period that something was reported or asked for. The calendar of the town says its days.';
COMMENT ON COLUMN period.period_key IS '2022-04, 2022-Q1, 2022-H1, 2022, 2022-01/2022-04 or 2022-03-15/2022-04-14.';
COMMENT ON COLUMN period.start_date IS 'First day.';
COMMENT ON COLUMN period.end_date IS 'Last day.';
COMMENT ON COLUMN period.due_at IS 'Moment until which a report is in time; empty: history, nobody is late for it.';
CREATE INDEX period_by_end ON period (end_date);

GRANT SELECT, INSERT, UPDATE, DELETE ON unit, unit_succession, field, period TO loader;
