-- What a publication was made from, what it changed, and its files: enough to answer for it years later.
-- grain: publication, file of a publication, state found to say the same
-- needs: 0004_publications, 0005_append_only

-- Days of its own: a range of months is published and is no period that anybody reports.
ALTER TABLE publication
    DROP CONSTRAINT publication_period_key_fkey,
    ADD COLUMN period_start date,
    ADD COLUMN period_end date,
    ADD COLUMN adjustments jsonb,
    ADD COLUMN causes jsonb,
    ADD COLUMN rules text,
    ADD COLUMN program text;
ALTER TABLE publication DISABLE TRIGGER publication_is_append_only;
UPDATE publication
SET period_start = period.start_date, period_end = period.end_date
FROM period
WHERE period.period_key = publication.period_key;
ALTER TABLE publication ENABLE TRIGGER publication_is_append_only;
ALTER TABLE publication
    ALTER COLUMN period_start SET NOT NULL,
    ALTER COLUMN period_end SET NOT NULL,
    ADD CONSTRAINT publication_runs_forward CHECK (period_start <= period_end);
COMMENT ON COLUMN publication.period_start IS 'First day.';
COMMENT ON COLUMN publication.period_end IS 'Last day.';
COMMENT ON COLUMN publication.content IS 'The figures: the names of the columns, and the rows.';
COMMENT ON COLUMN publication.coverage IS 'Which units are in the figures: one entry a unit and period.';
COMMENT ON COLUMN publication.inputs IS 'The reports they come from: one entry a unit and period with its file, reading and verdict. Entries that are texts name the file alone (earlier versions of the program).';
COMMENT ON COLUMN publication.adjustments IS 'What the adjustments in the figures consist of, as content. Empty: published by an earlier version of the program.';
COMMENT ON COLUMN publication.causes IS 'What happened to which report since the publication before, by whom and why. Empty: published by an earlier version of the program.';
COMMENT ON COLUMN publication.rules IS 'Edition of the rules: SHA-256 over form, severities, units, successions, fields, the catalogue of rules and the version of the program.';
COMMENT ON COLUMN publication.program IS 'Version of the program.';
COMMENT ON COLUMN publication.files IS 'The files written, with their checksums; their bytes are in publication_file.';

CREATE TABLE publication_file (
    period_key text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL CHECK (name <> '' AND name NOT LIKE '%/%'),
    content bytea NOT NULL,
    PRIMARY KEY (period_key, number, name),
    FOREIGN KEY (period_key, number) REFERENCES publication
);
ALTER TABLE publication_file ALTER COLUMN content SET STORAGE EXTERNAL; -- workbooks, pages and Parquet are packed already
COMMENT ON TABLE publication_file IS 'The files of each publication, as they were published: whatever is lost of the folder is written again from here.';
COMMENT ON COLUMN publication_file.period_key IS 'The period, or range of periods.';
COMMENT ON COLUMN publication_file.number IS 'Number of the publication.';
COMMENT ON COLUMN publication_file.name IS 'File name.';
COMMENT ON COLUMN publication_file.content IS 'The bytes.';

CREATE TABLE publication_confirmed (
    confirmation_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period_key text NOT NULL,
    number integer NOT NULL,
    fingerprint text NOT NULL,
    confirmed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (period_key, number) REFERENCES publication
);
COMMENT ON TABLE publication_confirmed IS 'States of a period that were found to say just what its publication says; the last one holds.';
COMMENT ON COLUMN publication_confirmed.confirmation_no IS 'Order of writing.';
COMMENT ON COLUMN publication_confirmed.period_key IS 'The period, or range of periods.';
COMMENT ON COLUMN publication_confirmed.number IS 'Number of the publication.';
COMMENT ON COLUMN publication_confirmed.fingerprint IS 'The state.';
COMMENT ON COLUMN publication_confirmed.confirmed_at IS 'When.';
CREATE INDEX publication_confirmed_last ON publication_confirmed (period_key, number, confirmation_no);

DO $$
DECLARE
    facts name;
BEGIN
    FOREACH facts IN ARRAY CAST(ARRAY['publication_file', 'publication_confirmed'] AS name[]) LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            facts || '_is_append_only', facts
        );
    END LOOP;
END
$$;

GRANT SELECT, INSERT ON publication_file, publication_confirmed TO loader;
