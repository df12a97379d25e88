-- Which report counts, who decided what about it, what is to be judged again; and mails with files.
-- grain: one table a noun; nothing here is ever changed but the queue of what is to be judged again
-- needs: 0002_reports, 0003_decisions, 0005_append_only

-- When a report says it was made: an older file that arrives later does not win by accident.
ALTER TABLE submission ADD COLUMN modified_at timestamptz;
ALTER TABLE submission DISABLE TRIGGER submission_is_append_only;
UPDATE submission SET modified_at = received_at; -- all that is known of the files that came until now
ALTER TABLE submission ENABLE TRIGGER submission_is_append_only;
COMMENT ON COLUMN submission.modified_at IS 'When the file was last changed, as it was delivered: of the file in the inbox, or the date of the mail.';

ALTER TABLE report
    ADD COLUMN stated_revision integer CHECK (stated_revision > 0),
    ADD COLUMN signed_on date,
    ADD COLUMN saved_at timestamptz;
COMMENT ON COLUMN report.stated_revision IS 'Which sending it calls itself: 2 for "lần 2". Empty: it does not say.';
COMMENT ON COLUMN report.signed_on IS 'The day it says it was signed. Empty: it does not say.';
COMMENT ON COLUMN report.saved_at IS 'When the workbook was last saved, by its own properties. Empty: they do not say.';

CREATE TABLE ruling (
    ruling_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission text NOT NULL REFERENCES submission,
    unit_no integer NOT NULL REFERENCES unit,
    period_key text NOT NULL REFERENCES period,
    is_counted boolean NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    author text NOT NULL CHECK (author <> ''),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ruling IS 'An operator''s word on whether a report counts. The last one about a report holds.';
COMMENT ON COLUMN ruling.ruling_no IS 'Number of the ruling.';
COMMENT ON COLUMN ruling.submission IS 'The file.';
COMMENT ON COLUMN ruling.unit_no IS 'The unit whose report it is about.';
COMMENT ON COLUMN ruling.period_key IS 'The period whose report it is about.';
COMMENT ON COLUMN ruling.is_counted IS 'Whether the report counts, or is set aside.';
COMMENT ON COLUMN ruling.reason IS 'Why.';
COMMENT ON COLUMN ruling.author IS 'Who said so.';
COMMENT ON COLUMN ruling.made_at IS 'When.';
CREATE INDEX ruling_by_report ON ruling (unit_no, period_key);

CREATE TABLE standing (
    standing_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_no integer NOT NULL REFERENCES unit,
    period_key text NOT NULL REFERENCES period,
    submission text NOT NULL REFERENCES submission,
    stand text NOT NULL CHECK (stand IN ('counts', 'replaced', 'older', 'waits', 'set aside', 'refused')),
    cause text NOT NULL DEFAULT '' CHECK (cause IN ('', 'closed', 'undated')),
    stands_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE standing IS 'How each accepted report stands beside the others of its unit and period; the last row about it holds.';
COMMENT ON COLUMN standing.standing_no IS 'Order of writing.';
COMMENT ON COLUMN standing.unit_no IS 'The unit.';
COMMENT ON COLUMN standing.period_key IS 'The period.';
COMMENT ON COLUMN standing.submission IS 'The file.';
COMMENT ON COLUMN standing.stand IS 'counts; replaced by a newer one; older than the one that counted; waits for the operator; set aside by the operator; refused: no longer accepted.';
COMMENT ON COLUMN standing.cause IS 'Why it waits: closed: it changes a closed period; undated: it cannot be told which of two is the newer.';
COMMENT ON COLUMN standing.stands_at IS 'Since when.';
CREATE INDEX standing_by_report ON standing (period_key, unit_no, submission, standing_no);

-- What counted until now: at each moment of a reading the accepted report that had arrived last.
INSERT INTO standing (unit_no, period_key, submission, stand, stands_at)
WITH
moment AS (
    SELECT DISTINCT report.unit_no, report.period_key, reading.read_at
    FROM report
    JOIN reading ON reading.submission = report.submission AND reading.revision = report.revision
),
counting AS (
    SELECT moment.unit_no, moment.period_key, moment.read_at, chosen.submission
    FROM moment
    LEFT JOIN LATERAL (
        SELECT report.submission
        FROM report
        JOIN reading ON reading.submission = report.submission AND reading.revision = report.revision
        JOIN submission ON submission.sha256 = report.submission
        WHERE report.unit_no = moment.unit_no AND report.period_key = moment.period_key
            AND report.verdict <> 'rejected' AND reading.read_at <= moment.read_at
            AND NOT EXISTS (
                SELECT FROM reading AS later
                WHERE later.submission = reading.submission AND later.revision > reading.revision
                    AND later.read_at <= moment.read_at
            )
        ORDER BY submission.received_at DESC, report.submission DESC
        LIMIT 1
    ) AS chosen ON true
),
changed AS (
    SELECT
        counting.*,
        lag(counting.submission) OVER (PARTITION BY unit_no, period_key ORDER BY read_at) AS before
    FROM counting
)
SELECT changed.unit_no, changed.period_key, event.submission, event.stand, changed.read_at
FROM changed
CROSS JOIN LATERAL (
    VALUES (1, changed.before, CASE WHEN changed.submission IS NULL THEN 'refused' ELSE 'replaced' END), (2, changed.submission, 'counts')
) AS event (place, submission, stand)
WHERE changed.submission IS DISTINCT FROM changed.before AND event.submission IS NOT NULL
ORDER BY changed.read_at, changed.unit_no, changed.period_key, event.place;

ALTER TABLE waiver ADD COLUMN expected text;
COMMENT ON COLUMN waiver.expected IS 'What was expected when it was granted; anything else is not covered.';
CREATE INDEX waiver_by_report ON waiver (period_key, unit_no);
CREATE INDEX correction_by_report ON correction (report_no);

ALTER TABLE finding ADD COLUMN waiver_no bigint REFERENCES waiver;
COMMENT ON COLUMN finding.waiver_no IS 'The waiver that accepts it; then it is a warning, whatever the rule weighs.';

CREATE TABLE rejudgement (
    rejudgement_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission text NOT NULL REFERENCES submission,
    cause text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at timestamptz
);
COMMENT ON TABLE rejudgement IS 'Submissions to be judged again, because something they are judged by has changed.';
COMMENT ON COLUMN rejudgement.rejudgement_no IS 'Order of asking.';
COMMENT ON COLUMN rejudgement.submission IS 'The file.';
COMMENT ON COLUMN rejudgement.cause IS 'previous: the period before was restated; decision: a waiver or a correction.';
COMMENT ON COLUMN rejudgement.asked_at IS 'When it was asked for.';
COMMENT ON COLUMN rejudgement.done_at IS 'When it was done; empty: still to do.';
CREATE INDEX rejudgement_open ON rejudgement (submission) WHERE done_at IS NULL;

ALTER TABLE mail
    DROP COLUMN attachments,
    ADD COLUMN copies text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN mail.kind IS 'receipt, digest, reminder, template or alert.';
COMMENT ON COLUMN mail.copies IS 'Addresses in copy.';

CREATE TABLE mail_attachment (
    mail_no bigint NOT NULL REFERENCES mail,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    name text NOT NULL CHECK (name <> ''),
    media_type text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (mail_no, ordinal)
);
COMMENT ON TABLE mail_attachment IS 'A file that goes with a mail.';
COMMENT ON COLUMN mail_attachment.mail_no IS 'The mail.';
COMMENT ON COLUMN mail_attachment.ordinal IS 'Order in the mail.';
COMMENT ON COLUMN mail_attachment.name IS 'File name.';
COMMENT ON COLUMN mail_attachment.media_type IS 'Type, such as text/csv.';
COMMENT ON COLUMN mail_attachment.content IS 'The bytes.';

DO $$
DECLARE
    facts name;
BEGIN
    FOREACH facts IN ARRAY CAST(ARRAY['ruling', 'standing', 'waiver', 'mail_attachment'] AS name[]) LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            facts || '_is_append_only', facts
        );
    END LOOP;
END
$$;

GRANT SELECT, INSERT ON ruling, standing, rejudgement, mail_attachment TO loader;
GRANT UPDATE (done_at) ON rejudgement TO loader;
