-- Count the mails still to be sent.
-- grain: one row
-- needs: mail
SELECT count(*)
FROM mail
WHERE sent_at IS NULL AND refused_at IS NULL
