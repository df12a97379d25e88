-- Record what became of a mail, unless another one was quicker.
-- grain: mail × revision
-- needs: mail_message
INSERT INTO mail_message (
    sha256, revision, message_id, sender_address, unit_code, received_at, size_bytes, archived_as, outcome, doubt, attachments
)
VALUES (
    :sha256, :revision, :message_id, :sender_address, :unit_code, :received_at, :size_bytes, :archived_as, :outcome, :doubt,
    CAST(:attachments AS jsonb)
)
ON CONFLICT (sha256, revision) DO NOTHING
RETURNING sha256
