-- Note that a mail was taken by the mail server.
-- grain: mail
-- needs: mail
UPDATE mail
SET sent_at = clock_timestamp(), attempts = attempts + 1, last_error = NULL
WHERE mail_no = :mail_no
