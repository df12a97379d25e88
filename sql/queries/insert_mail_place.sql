-- Record where a mail lay.
-- grain: place in a mailbox
-- needs: mail_place
INSERT INTO mail_place (mailbox, uid_validity, uid, sha256)
VALUES (:mailbox, :uid_validity, :uid, :sha256)
ON CONFLICT (mailbox, uid_validity, uid) DO NOTHING
