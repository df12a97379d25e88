-- What people decide about reports: findings accepted, figures corrected.
-- grain: one row a decision, with its author and reason
-- needs: 0002_reports

CREATE TABLE waiver (
    waiver_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_no integer NOT NULL REFERENCES unit,
    period_key text NOT NULL REFERENCES period,
    rule text NOT NULL,
    field text,
    measure text,
    found text,
    reason text NOT NULL CHECK (reason <> ''),
    author text NOT NULL CHECK (author <> ''),
    until date,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE waiver IS 'A finding accepted, with a reason. It lapses when the value changes.';
COMMENT ON COLUMN waiver.waiver_no IS 'Number of the waiver.';
COMMENT ON COLUMN waiver.unit_no IS 'The unit.';
COMMENT ON COLUMN waiver.period_key IS 'The period.';
COMMENT ON COLUMN waiver.rule IS 'The rule whose finding is accepted.';
COMMENT ON COLUMN waiver.field IS 'Only in this field, where given.';
COMMENT ON COLUMN waiver.measure IS 'Only for this measure, where given.';
COMMENT ON COLUMN waiver.found IS 'What was found when it was granted; anything else is not covered.';
COMMENT ON COLUMN waiver.reason IS 'Why.';
COMMENT ON COLUMN waiver.author IS 'Who granted it.';
COMMENT ON COLUMN waiver.until IS 'Last day it holds; empty: no end.';
COMMENT ON COLUMN waiver.granted_at IS 'When.';

CREATE TABLE correction (
    correction_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report_no bigint NOT NULL REFERENCES report,
    sheet text NOT NULL,
    row_no integer NOT NULL,
    measure text NOT NULL,
    original bigint,
    corrected bigint NOT NULL CHECK (corrected >= 0),
    reason text NOT NULL CHECK (reason <> ''),
    author text NOT NULL CHECK (author <> ''),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE correction IS 'A proposal that an operator accepted. The original stays where it was.';
COMMENT ON COLUMN correction.correction_no IS 'Number of the correction.';
COMMENT ON COLUMN correction.report_no IS 'The report.';
COMMENT ON COLUMN correction.sheet IS 'Sheet of the cell.';
COMMENT ON COLUMN correction.row_no IS 'Row of the cell.';
COMMENT ON COLUMN correction.measure IS 'Measure of the cell.';
COMMENT ON COLUMN correction.original IS 'What the ward wrote.';
COMMENT ON COLUMN correction.corrected IS 'What it was taken to mean.';
COMMENT ON COLUMN correction.reason IS 'Why.';
COMMENT ON COLUMN correction.author IS 'Who accepted it.';
COMMENT ON COLUMN correction.made_at IS 'When.';

GRANT SELECT, INSERT ON waiver, correction TO loader;
