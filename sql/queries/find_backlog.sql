-- Count what waits for the program or for the operator, and since when.
-- grain: one row
-- needs: submission, reading, rejudgement, standing, mail
SELECT
    unread.files AS unread_files, unread.since AS unread_since,
    again.files AS again_files, again.since AS again_since,
    waiting.reports AS waiting_reports, waiting.since AS waiting_since,
    outbox.mails AS mails_waiting, outbox.since AS mails_since, outbox.last_error,
    refused.mails AS mails_refused, refused.last_error AS refused_error
FROM (
    SELECT count(*) AS files, min(submission.recorded_at) AS since
    FROM submission
    WHERE NOT EXISTS (SELECT FROM reading WHERE reading.submission = submission.sha256)
) AS unread
CROSS JOIN (
    SELECT count(DISTINCT submission) AS files, min(asked_at) AS since
    FROM rejudgement
    WHERE done_at IS NULL
) AS again
CROSS JOIN (
    SELECT count(*) AS reports, min(last.stands_at) AS since
    FROM (
        SELECT DISTINCT ON (period_key, unit_no, submission) stand, stands_at
        FROM standing
        ORDER BY period_key, unit_no, submission, standing_no DESC
    ) AS last
    WHERE last.stand = 'waits'
) AS waiting
CROSS JOIN (
    SELECT count(*) AS mails, min(queued_at) AS since, max(last_error) AS last_error
    FROM mail
    WHERE sent_at IS NULL AND refused_at IS NULL
) AS outbox
CROSS JOIN (
    SELECT count(*) AS mails, max(last_error) AS last_error
    FROM mail
    WHERE refused_at > now() - interval '7 days'
) AS refused
