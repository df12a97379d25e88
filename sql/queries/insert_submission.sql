-- Record a file, unless the same bytes were received before.
-- grain: submission
-- needs: submission
INSERT INTO submission (sha256, name, size_bytes, received_at, sent_by, modified_at, archived_as)
VALUES (:sha256, :name, :size_bytes, :received_at, :sent_by, :modified_at, :archived_as)
ON CONFLICT (sha256) DO NOTHING
RETURNING sha256
