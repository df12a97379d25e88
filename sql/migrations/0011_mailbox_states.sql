-- Since when a mailbox cannot be reached, so that somebody hears of it who can mend it.
-- grain: one row a change
-- needs: 0009_mailbox

CREATE TABLE mailbox_state (
    state_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox text NOT NULL,
    is_away boolean NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE mailbox_state IS 'When a mailbox was first reached, or not, after it was otherwise; its last row holds.';
COMMENT ON COLUMN mailbox_state.state_no IS 'Order of writing.';
COMMENT ON COLUMN mailbox_state.mailbox IS 'User, server and folder.';
COMMENT ON COLUMN mailbox_state.is_away IS 'Whether it could not be read.';
COMMENT ON COLUMN mailbox_state.found_at IS 'Since when.';
CREATE INDEX mailbox_state_last ON mailbox_state (mailbox, state_no);

CREATE TRIGGER mailbox_state_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON mailbox_state
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON mailbox_state TO loader;
