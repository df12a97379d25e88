-- Have the mails that wait never be sent.
-- grain: mail
-- needs: mail; parameter last_error
UPDATE mail
SET refused_at = clock_timestamp(), last_error = :last_error
WHERE sent_at IS NULL AND refused_at IS NULL
