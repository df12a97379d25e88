-- Give the files that go with a mail.
-- grain: file of a mail
-- needs: mail_attachment; parameter mail_no
SELECT name, media_type, content
FROM mail_attachment
WHERE mail_no = :mail_no
ORDER BY ordinal
