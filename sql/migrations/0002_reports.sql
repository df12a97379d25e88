-- Every file ever received, each reading of it, and what the readings gave: reports, rows, findings.
-- grain: nothing here is ever changed; a newer row supersedes an older one
-- needs: 0001_reference

CREATE TABLE submission (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    name text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    received_at timestamptz NOT NULL,
    sent_by text,
    archived_as text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE submission IS 'A file as it arrived. The same bytes again are the same submission.';
COMMENT ON COLUMN submission.sha256 IS 'Name of the bytes, and of their copy in the archive.';
COMMENT ON COLUMN submission.name IS 'File name as the sender wrote it.';
COMMENT ON COLUMN submission.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN submission.received_at IS 'When it arrived; decides lateness and which report is the newer one.';
COMMENT ON COLUMN submission.sent_by IS 'Folder of the inbox it lay in: a unit''s code or name.';
COMMENT ON COLUMN submission.archived_as IS 'Where the immutable copy lies.';
COMMENT ON COLUMN submission.recorded_at IS 'When this row was written.';

CREATE TABLE reading (
    submission text NOT NULL REFERENCES submission,
    revision integer NOT NULL CHECK (revision > 0),
    outcome text NOT NULL CHECK (outcome IN ('read', 'unreadable')),
    fingerprint text NOT NULL,
    read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (submission, revision)
);
COMMENT ON TABLE reading IS 'What a submission was taken to say under the rules of a moment. Its last reading counts.';
COMMENT ON COLUMN reading.submission IS 'The file that was read.';
COMMENT ON COLUMN reading.revision IS '1 for the first reading; a further one only where it says something else.';
COMMENT ON COLUMN reading.outcome IS 'read, or unreadable: no edition of a form fits.';
COMMENT ON COLUMN reading.fingerprint IS 'SHA-256 of all that the reading says; the same again writes nothing.';
COMMENT ON COLUMN reading.read_at IS 'Since when the warehouse knows it.';

CREATE TABLE report (
    report_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission text NOT NULL,
    revision integer NOT NULL,
    unit_no integer NOT NULL REFERENCES unit,
    period_key text NOT NULL REFERENCES period,
    edition text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('accepted', 'accepted with warnings', 'rejected')),
    content_sha256 text NOT NULL,
    FOREIGN KEY (submission, revision) REFERENCES reading,
    CONSTRAINT report_key UNIQUE (submission, revision, unit_no, period_key)
);
COMMENT ON TABLE report IS 'What a reading says of one unit and period. A report whose unit or period is unknown is only in finding.';
COMMENT ON COLUMN report.report_no IS 'Number of the report in this warehouse.';
COMMENT ON COLUMN report.submission IS 'The file it comes from.';
COMMENT ON COLUMN report.revision IS 'The reading it comes from.';
COMMENT ON COLUMN report.unit_no IS 'Whose figures.';
COMMENT ON COLUMN report.period_key IS 'Of when.';
COMMENT ON COLUMN report.edition IS 'Edition of the form that was recognised.';
COMMENT ON COLUMN report.verdict IS 'accepted, accepted with warnings or rejected.';
COMMENT ON COLUMN report.content_sha256 IS 'SHA-256 of the figures alone: two files with the same figures have the same one.';
CREATE INDEX report_by_period ON report (period_key, unit_no);

CREATE TABLE report_row (
    report_no bigint NOT NULL REFERENCES report,
    sheet text NOT NULL,
    row_no integer NOT NULL CHECK (row_no > 0),
    source_system text NOT NULL,
    field text REFERENCES field,
    field_name text NOT NULL,
    received_total bigint CHECK (received_total >= 0),
    received_in_period bigint CHECK (received_in_period >= 0),
    received_online bigint CHECK (received_online >= 0),
    received_direct bigint CHECK (received_direct >= 0),
    carried_over bigint CHECK (carried_over >= 0),
    resolved_total bigint CHECK (resolved_total >= 0),
    resolved_in_time bigint CHECK (resolved_in_time >= 0),
    resolved_early bigint CHECK (resolved_early >= 0),
    resolved_on_time bigint CHECK (resolved_on_time >= 0),
    resolved_overdue bigint CHECK (resolved_overdue >= 0),
    pending_total bigint CHECK (pending_total >= 0),
    pending_in_time bigint CHECK (pending_in_time >= 0),
    pending_overdue bigint CHECK (pending_overdue >= 0),
    statements jsonb NOT NULL DEFAULT '{}',
    determined jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (report_no, sheet, row_no)
);
COMMENT ON TABLE report_row IS 'A row of figures of an accepted report, as reported. Empty: not reported, which is never 0.';
COMMENT ON COLUMN report_row.report_no IS 'The report.';
COMMENT ON COLUMN report_row.sheet IS 'Sheet of the file.';
COMMENT ON COLUMN report_row.row_no IS 'Row of the sheet, as the spreadsheet counts.';
COMMENT ON COLUMN report_row.source_system IS 'System the ward reports from; empty where the sheet names none.';
COMMENT ON COLUMN report_row.field IS 'Field of procedures; "all" where the report has no fields; NULL where the printed name is not in the list.';
COMMENT ON COLUMN report_row.field_name IS 'The field as printed.';
COMMENT ON COLUMN report_row.received_total IS 'Dossiers received, carried over ones included.';
COMMENT ON COLUMN report_row.received_in_period IS 'Dossiers received in the period.';
COMMENT ON COLUMN report_row.received_online IS 'Dossiers received online in the period.';
COMMENT ON COLUMN report_row.received_direct IS 'Dossiers received in person or by post in the period.';
COMMENT ON COLUMN report_row.carried_over IS 'Dossiers carried over from the previous period: opening stock.';
COMMENT ON COLUMN report_row.resolved_total IS 'Dossiers resolved in the period.';
COMMENT ON COLUMN report_row.resolved_in_time IS 'Dossiers resolved early or on time.';
COMMENT ON COLUMN report_row.resolved_early IS 'Dossiers resolved early.';
COMMENT ON COLUMN report_row.resolved_on_time IS 'Dossiers resolved on time, returned and withdrawn ones included.';
COMMENT ON COLUMN report_row.resolved_overdue IS 'Dossiers resolved overdue.';
COMMENT ON COLUMN report_row.pending_total IS 'Dossiers still held at the end: closing stock.';
COMMENT ON COLUMN report_row.pending_in_time IS 'Dossiers still held and not yet due, those waiting for a supplement included.';
COMMENT ON COLUMN report_row.pending_overdue IS 'Dossiers still held and overdue.';
COMMENT ON COLUMN report_row.statements IS 'What cells say that do not simply hold a number: measure to blank, dash, none_arisen.';
COMMENT ON COLUMN report_row.determined IS 'Measures not reported for which the balances leave only one value: measure to count.';

CREATE TABLE finding (
    submission text NOT NULL,
    revision integer NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    report_no bigint REFERENCES report,
    code text NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('error', 'warning')),
    unit text,
    period text,
    field text,
    measure text,
    sheet text,
    cell text,
    found text,
    expected text,
    message_vi text NOT NULL,
    message_en text NOT NULL,
    suggestion jsonb,
    PRIMARY KEY (submission, revision, ordinal),
    FOREIGN KEY (submission, revision) REFERENCES reading
);
COMMENT ON TABLE finding IS 'One thing wrong with a report, or with a whole file.';
COMMENT ON COLUMN finding.submission IS 'The file.';
COMMENT ON COLUMN finding.revision IS 'The reading that found it.';
COMMENT ON COLUMN finding.ordinal IS 'Order within the reading.';
COMMENT ON COLUMN finding.report_no IS 'The report; NULL where the file is unreadable or its unit or period unknown.';
COMMENT ON COLUMN finding.code IS 'Family: S structure, V value, B balance, C continuity, T totals, H history, L late or missing.';
COMMENT ON COLUMN finding.rule IS 'The exact rule.';
COMMENT ON COLUMN finding.severity IS 'error refuses the report, warning goes with it.';
COMMENT ON COLUMN finding.unit IS 'Code of the unit, or the text as written.';
COMMENT ON COLUMN finding.period IS 'Key of the period, or the text as written.';
COMMENT ON COLUMN finding.field IS 'Field of the row.';
COMMENT ON COLUMN finding.measure IS 'Column of the form.';
COMMENT ON COLUMN finding.sheet IS 'Sheet of the file.';
COMMENT ON COLUMN finding.cell IS 'Cell, as the spreadsheet names it.';
COMMENT ON COLUMN finding.found IS 'What stands there.';
COMMENT ON COLUMN finding.expected IS 'What should stand there.';
COMMENT ON COLUMN finding.message_vi IS 'The sentence for the ward.';
COMMENT ON COLUMN finding.message_en IS 'The same in English.';
COMMENT ON COLUMN finding.suggestion IS 'What it probably should be; never applied.';
CREATE INDEX finding_by_report ON finding (report_no);

GRANT SELECT, INSERT ON submission, reading, report, report_row, finding TO loader;
