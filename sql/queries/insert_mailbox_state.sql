-- Note whether a mailbox can be reached, where that is news.
-- grain: mailbox × change
-- needs: mailbox_state
INSERT INTO mailbox_state (mailbox, is_away)
SELECT :mailbox, :is_away
WHERE :is_away IS DISTINCT FROM COALESCE(
    (SELECT is_away FROM mailbox_state WHERE mailbox = :mailbox ORDER BY state_no DESC LIMIT 1), false
)
