-- Give the last state of each mailbox, and since when.
-- grain: mailbox
-- needs: mailbox_state
SELECT DISTINCT ON (mailbox) mailbox, is_away, found_at
FROM mailbox_state
ORDER BY mailbox, state_no DESC
