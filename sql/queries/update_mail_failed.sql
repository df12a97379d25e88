-- Note that a mail could not be sent, and why.
-- grain: mail
-- needs: mail
UPDATE mail
SET attempts = attempts + 1, last_error = :last_error
WHERE mail_no = :mail_no
