-- Take the next mail to be sent, leaving those that another sender holds.
-- grain: mail
-- needs: mail; parameter after
SELECT mail_no, state_key, recipients, subject, body_text, body_html, queued_at, copies
FROM mail
WHERE sent_at IS NULL AND refused_at IS NULL AND mail_no > :after
ORDER BY mail_no
LIMIT 1
FOR UPDATE SKIP LOCKED
