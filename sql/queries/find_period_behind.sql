-- List the periods that are to be published, since when, and whether a rule holds the publication back.
-- grain: period
-- needs: period_state, period, standing, mail
SELECT
    period_state.period_key,
    (SELECT max(standing.stands_at) FROM standing WHERE standing.period_key = period_state.period_key) AS since,
    EXISTS (
        SELECT FROM mail
        WHERE mail.topic = 'alert:held:' || period_state.period_key
            AND starts_with(mail.state, 'after ' || COALESCE(period_state.published_number, 0) || ':')
    ) AS is_held
FROM period_state
JOIN period ON period.period_key = period_state.period_key
WHERE period_state.is_stale AND period.start_date <= CURRENT_DATE + 1
ORDER BY period.end_date, period.start_date
