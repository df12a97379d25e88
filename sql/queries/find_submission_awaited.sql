-- List the files of the same sender that came after a file and were never read: until then it is open what counts.
-- grain: submission
-- needs: submission, reading; parameter submission
SELECT waiting.sha256
FROM submission AS known
JOIN submission AS waiting
    ON waiting.sent_by IS NOT DISTINCT FROM known.sent_by
        AND (waiting.received_at, waiting.sha256) > (known.received_at, known.sha256)
WHERE known.sha256 = :submission
    AND NOT EXISTS (SELECT FROM reading WHERE reading.submission = waiting.sha256)
ORDER BY waiting.received_at, waiting.sha256
