-- Give the last row about a mail.
-- grain: mail
-- needs: mail_message; parameter sha256
SELECT sha256, revision, outcome
FROM mail_message
WHERE sha256 = :sha256
ORDER BY revision DESC
LIMIT 1
