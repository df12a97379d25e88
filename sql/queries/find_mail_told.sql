-- Give what was told last of some topics; what still waits to be sent counts as told.
-- grain: topic
-- needs: mail
SELECT DISTINCT ON (mail.topic) mail.topic, mail.state
FROM mail
WHERE mail.topic = ANY (CAST(:topics AS text[]))
ORDER BY mail.topic, mail.mail_no DESC
