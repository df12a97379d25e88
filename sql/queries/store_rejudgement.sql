-- Note that a submission was judged again, as far as it was asked for before that began.
-- grain: wish for a new judgement
-- needs: rejudgement; parameters submission, wish
UPDATE rejudgement
SET done_at = clock_timestamp()
WHERE submission = :submission AND done_at IS NULL AND rejudgement_no <= :wish
