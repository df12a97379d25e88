-- Count the mails of the last day with one of these outcomes, of one sender or of all.
-- grain: one row
-- needs: mail_message; parameters outcomes, sender_address (null: all)
SELECT count(*)
FROM mail_message
WHERE recorded_at > clock_timestamp() - interval '1 day'
    AND outcome = ANY(CAST(:outcomes AS text[]))
    AND (CAST(:sender_address AS text) IS NULL OR sender_address = :sender_address)
