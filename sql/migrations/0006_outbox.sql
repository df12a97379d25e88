-- Let the outbox tell a topic's changes of state apart, and keep what cannot be delivered out of the way.
-- grain: one row a mail
-- needs: 0004_publications

ALTER TABLE mail
    DROP CONSTRAINT mail_recipients_check,
    ADD COLUMN topic text NOT NULL DEFAULT '',
    ADD COLUMN state text NOT NULL DEFAULT '',
    ADD COLUMN refused_at timestamptz,
    ADD CONSTRAINT mail_sent_or_refused CHECK (sent_at IS NULL OR refused_at IS NULL);
COMMENT ON COLUMN mail.recipients IS 'Addresses; none where town.yaml names nobody, then the mail is recorded as undeliverable.';
COMMENT ON COLUMN mail.topic IS 'What it speaks about: a submission, a period, a task.';
COMMENT ON COLUMN mail.state IS 'What it says of the topic; the same state is told again only after another was.';
COMMENT ON COLUMN mail.refused_at IS 'When it turned out that it can never be delivered; last_error says why.';

DROP INDEX mail_unsent;
CREATE INDEX mail_waiting ON mail (mail_no) WHERE sent_at IS NULL AND refused_at IS NULL;
CREATE INDEX mail_topic ON mail (topic, mail_no);

GRANT UPDATE (refused_at) ON mail TO loader;
