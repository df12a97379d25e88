-- Note what became of a mail: taken by the server, impossible to deliver, or still waiting.
-- grain: mail
-- needs: mail
UPDATE mail
SET
    attempts = attempts + 1,
    sent_at = CASE WHEN CAST(:outcome AS text) = 'sent' THEN clock_timestamp() END,
    refused_at = CASE WHEN CAST(:outcome AS text) IN ('refused', 'undeliverable') THEN clock_timestamp() END,
    last_error = :last_error
WHERE mail_no = :mail_no
