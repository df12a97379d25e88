-- Count the mails of the last seven days that can never be delivered, and say why.
-- grain: one row
-- needs: mail
SELECT count(*) AS number, max(last_error) AS last_error
FROM mail
WHERE refused_at > now() - interval '7 days'
