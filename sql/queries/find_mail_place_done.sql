-- List, of the messages in a mailbox, those the archive has and with which nothing is left to do.
-- grain: message in a mailbox
-- needs: mail_place, mail_message; parameters mailbox, uid_validity, uids
SELECT mail_place.uid
FROM mail_place
JOIN LATERAL (
    SELECT outcome FROM mail_message WHERE mail_message.sha256 = mail_place.sha256 ORDER BY revision DESC LIMIT 1
) AS last ON true
WHERE mail_place.mailbox = :mailbox AND mail_place.uid_validity = :uid_validity
    AND mail_place.uid = ANY(CAST(:uids AS bigint[]))
    AND last.outcome <> 'quarantined'
ORDER BY mail_place.uid
