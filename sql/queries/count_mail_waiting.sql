-- Count the mails still to be sent, and say since when, and what trouble one of them met.
-- grain: one row
-- needs: mail
SELECT count(*) AS number, min(queued_at) AS since, max(last_error) AS last_error
FROM mail
WHERE sent_at IS NULL AND refused_at IS NULL
