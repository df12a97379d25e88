-- Take the mails still to be sent, in the order they were queued, leaving those that another sender holds.
-- grain: mail
-- needs: mail; parameter at_most
SELECT mail_no, state_key, kind, recipients, subject, body_text, body_html, attachments, queued_at, attempts
FROM mail
WHERE sent_at IS NULL
ORDER BY mail_no
LIMIT :at_most
FOR UPDATE SKIP LOCKED
