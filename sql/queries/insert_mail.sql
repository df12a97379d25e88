-- Queue a mail, unless its state was told before.
-- grain: mail
-- needs: mail
INSERT INTO mail (state_key, kind, recipients, subject, body_text, body_html, attachments)
VALUES (:state_key, :kind, CAST(:recipients AS text[]), :subject, :body_text, :body_html, CAST(:attachments AS jsonb))
ON CONFLICT (state_key) DO NOTHING
RETURNING mail_no
