-- List the mails in quarantine only because their sender was unknown, who is registered now, the oldest first.
-- grain: mail
-- needs: mail_message; parameter addresses
SELECT sha256, revision, received_at, size_bytes, archived_as
FROM mail_message AS held
WHERE outcome = 'quarantined' AND doubt = 'unknown sender' AND sender_address = ANY(CAST(:addresses AS text[]))
    AND NOT EXISTS (
        SELECT FROM mail_message AS later WHERE later.sha256 = held.sha256 AND later.revision > held.revision
    )
ORDER BY received_at, sha256
