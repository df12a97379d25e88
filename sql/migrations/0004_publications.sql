-- What left the house: the town's published datasets, and mail.
-- grain: one row a publication, one row a mail
-- needs: 0001_reference

CREATE TABLE publication (
    period_key text NOT NULL REFERENCES period,
    number integer NOT NULL CHECK (number > 0),
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    fingerprint text NOT NULL,
    content jsonb NOT NULL,
    coverage jsonb NOT NULL,
    inputs jsonb NOT NULL,
    files jsonb NOT NULL,
    PRIMARY KEY (period_key, number)
);
COMMENT ON TABLE publication IS 'The ledger of published datasets. A further number of the same period is a restatement.';
COMMENT ON COLUMN publication.period_key IS 'The period, or range of periods.';
COMMENT ON COLUMN publication.number IS '1 for the first publication of the period.';
COMMENT ON COLUMN publication.published_at IS 'When.';
COMMENT ON COLUMN publication.fingerprint IS 'State of the period it was built from.';
COMMENT ON COLUMN publication.content IS 'The figures.';
COMMENT ON COLUMN publication.coverage IS 'Which units are in them.';
COMMENT ON COLUMN publication.inputs IS 'The submissions they come from.';
COMMENT ON COLUMN publication.files IS 'The files written, with their checksums.';

CREATE TABLE mail (
    mail_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state_key text NOT NULL UNIQUE,
    kind text NOT NULL,
    recipients text[] NOT NULL CHECK (cardinality(recipients) > 0),
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text,
    attachments jsonb NOT NULL DEFAULT '[]',
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error text
);
COMMENT ON TABLE mail IS 'The outbox and the ledger of mail: one mail per change of state.';
COMMENT ON COLUMN mail.mail_no IS 'Order of queueing.';
COMMENT ON COLUMN mail.state_key IS 'Names the state it tells of; the same state is never told twice.';
COMMENT ON COLUMN mail.kind IS 'receipt, digest, reminder or alert.';
COMMENT ON COLUMN mail.recipients IS 'Addresses.';
COMMENT ON COLUMN mail.subject IS 'Subject line.';
COMMENT ON COLUMN mail.body_text IS 'Plain text.';
COMMENT ON COLUMN mail.body_html IS 'The same in HTML.';
COMMENT ON COLUMN mail.attachments IS 'Names and paths of attached files.';
COMMENT ON COLUMN mail.queued_at IS 'When it was composed.';
COMMENT ON COLUMN mail.sent_at IS 'When the mail server took it; empty: still to be sent.';
COMMENT ON COLUMN mail.attempts IS 'How often sending was tried.';
COMMENT ON COLUMN mail.last_error IS 'What the mail server said last.';
CREATE INDEX mail_unsent ON mail (mail_no) WHERE sent_at IS NULL;

GRANT SELECT, INSERT ON publication, mail TO loader;
GRANT UPDATE (sent_at, attempts, last_error) ON mail TO loader;
