-- Every mail that came to the mailbox, what became of it, and where it lay.
-- grain: nothing here is ever changed; a newer row about a mail supersedes an older one
-- needs: 0005_append_only

CREATE TABLE mail_message (
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    revision integer NOT NULL CHECK (revision > 0),
    message_id text NOT NULL,
    sender_address text,
    unit_code text,
    received_at timestamptz NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    archived_as text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('taken', 'quarantined', 'nothing attached', 'too large', 'automatic')),
    doubt text NOT NULL DEFAULT '' CHECK (
        doubt IN ('', 'unknown sender', 'no sender', 'several senders', 'forged sender', 'malformed')
    ),
    attachments jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(attachments) = 'array'),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sha256, revision),
    CONSTRAINT mail_message_taken_from_somebody CHECK (outcome <> 'taken' OR (sender_address IS NOT NULL AND doubt = '')),
    CONSTRAINT mail_message_quarantined_for_a_reason CHECK (outcome <> 'quarantined' OR doubt <> '')
);
COMMENT ON TABLE mail_message IS 'A mail to the mailbox and what became of it. The same bytes are the same mail, wherever they lie. Its last row counts.';
COMMENT ON COLUMN mail_message.sha256 IS 'Name of the mail''s bytes, and of their copy in the archive; of a mail that is too large, of its header.';
COMMENT ON COLUMN mail_message.revision IS '1 when it came; 2 when it was taken out of quarantine.';
COMMENT ON COLUMN mail_message.message_id IS 'As the sender''s program named it; may be empty, and may be anything.';
COMMENT ON COLUMN mail_message.sender_address IS 'The one address in From, in small letters; empty where there is not exactly one.';
COMMENT ON COLUMN mail_message.unit_code IS 'Code of the unit that the address is registered for; empty for a stranger, and where it is registered for several.';
COMMENT ON COLUMN mail_message.received_at IS 'When the mail server got it.';
COMMENT ON COLUMN mail_message.size_bytes IS 'Size of the whole mail, as the mail server says.';
COMMENT ON COLUMN mail_message.archived_as IS 'Where the immutable copy lies.';
COMMENT ON COLUMN mail_message.outcome IS 'taken; quarantined: nothing was taken; nothing attached: no report file in it; too large: never fetched; automatic: written by a program, without a report.';
COMMENT ON COLUMN mail_message.doubt IS 'Why nothing is taken from this sender: unknown sender, no sender, several senders, forged sender, malformed; else empty.';
COMMENT ON COLUMN mail_message.attachments IS 'Each file: its name, what became of it (received, received before, not taken), and its sha256 where it was received.';
COMMENT ON COLUMN mail_message.recorded_at IS 'When this row was written.';
CREATE INDEX mail_message_quarantined ON mail_message (sender_address) WHERE outcome = 'quarantined';
CREATE INDEX mail_message_by_time ON mail_message (recorded_at);

CREATE TABLE mail_place (
    mailbox text NOT NULL,
    uid_validity bigint NOT NULL,
    uid bigint NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (mailbox, uid_validity, uid)
);
COMMENT ON TABLE mail_place IS 'Where in a mailbox a mail lay: what was looked at once is not fetched again.';
COMMENT ON COLUMN mail_place.mailbox IS 'User, server and folder.';
COMMENT ON COLUMN mail_place.uid_validity IS 'While it stays the same, a uid means the same mail.';
COMMENT ON COLUMN mail_place.uid IS 'Number that the server gave the mail.';
COMMENT ON COLUMN mail_place.sha256 IS 'The mail.';
COMMENT ON COLUMN mail_place.recorded_at IS 'When it was found there.';

DO $$
DECLARE
    facts name;
BEGIN
    FOREACH facts IN ARRAY CAST(ARRAY['mail_message', 'mail_place'] AS name[]) LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            facts || '_is_append_only', facts
        );
    END LOOP;
END
$$;

GRANT SELECT, INSERT ON mail_message, mail_place TO loader;
