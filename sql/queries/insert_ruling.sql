-- Record an operator's word on whether a report counts.
-- grain: ruling
-- needs: ruling
INSERT INTO ruling (submission, unit_no, period_key, is_counted, reason, author)
VALUES (:submission, :unit_no, :period_key, :is_counted, :reason, :author)
RETURNING made_at
