-- Say since when a mailbox cannot be reached; no row where it can.
-- grain: mailbox
-- needs: mailbox_state; parameter mailbox
SELECT last.found_at
FROM (SELECT is_away, found_at FROM mailbox_state WHERE mailbox = :mailbox ORDER BY state_no DESC LIMIT 1) AS last
WHERE last.is_away
