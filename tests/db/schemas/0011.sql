INSERT INTO mailbox_state (mailbox, is_away) VALUES ('town@host/INBOX', true), ('town@host/INBOX', false);
