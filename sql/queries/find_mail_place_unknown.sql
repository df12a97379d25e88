-- List, of the messages in a mailbox, those never looked at, the oldest first.
-- grain: message in a mailbox
-- needs: mail_place; parameters mailbox, uid_validity, uids
SELECT lies.uid
FROM unnest(CAST(:uids AS bigint[])) AS lies (uid)
WHERE NOT EXISTS (
    SELECT FROM mail_place AS known
    WHERE known.mailbox = :mailbox AND known.uid_validity = :uid_validity AND known.uid = lies.uid
)
ORDER BY lies.uid
