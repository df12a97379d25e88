-- Facts are never changed or removed, whoever asks.
-- grain: one trigger for each table of facts
-- needs: 0002_reports, 0003_decisions, 0004_publications

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Load a newer report instead; it supersedes the older one.';
END
$$;
COMMENT ON FUNCTION refuse_change() IS 'Keep a table append-only.';

DO $$
DECLARE
    facts name;
BEGIN
    FOREACH facts IN ARRAY CAST(ARRAY['submission', 'reading', 'report', 'report_row', 'finding', 'correction', 'publication'] AS name[]) LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            facts || '_is_append_only', facts
        );
    END LOOP;
END
$$;
