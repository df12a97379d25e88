-- Put a file to a mail of the outbox.
-- grain: file of a mail
-- needs: mail_attachment
INSERT INTO mail_attachment (mail_no, ordinal, name, media_type, content)
VALUES (:mail_no, :ordinal, :name, :media_type, :content)
