-- Queue a mail, unless the last one about its topic told the same state.
-- grain: mail
-- needs: mail
INSERT INTO mail (state_key, topic, state, kind, recipients, subject, body_text, body_html, copies)
SELECT
    :topic || ':' || :state || CASE WHEN count(told.mail_no) > 0 THEN ':' || (count(told.mail_no) + 1) ELSE '' END,
    :topic,
    :state,
    :kind,
    CAST(:recipients AS text[]),
    :subject,
    :body_text,
    :body_html,
    CAST(:copies AS text[])
FROM (SELECT 1) AS once
LEFT JOIN mail AS told ON told.topic = :topic AND told.state = :state
HAVING CAST(:state AS text) IS DISTINCT FROM (SELECT state FROM mail WHERE topic = :topic ORDER BY mail_no DESC LIMIT 1)
ON CONFLICT (state_key) DO NOTHING
RETURNING mail_no
