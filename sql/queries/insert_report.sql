-- Record the reports of a reading and give their numbers.
-- grain: report
-- needs: report, unit; reports as a JSON list
INSERT INTO report (
    submission, revision, unit_no, period_key, edition, verdict, content_sha256, stated_revision, signed_on, saved_at
)
SELECT
    :submission, :revision, unit.unit_no, given.period_key, given.edition, given.verdict, given.content_sha256,
    given.stated_revision, given.signed_on, given.saved_at
FROM jsonb_to_recordset(CAST(:reports AS jsonb)) AS given (
    unit_code text, unit_valid_from date, period_key text, edition text, verdict text, content_sha256 text,
    stated_revision integer, signed_on date, saved_at timestamptz
)
JOIN unit ON unit.code = given.unit_code AND unit.valid_from IS NOT DISTINCT FROM given.unit_valid_from
RETURNING
    report_no,
    period_key,
    (SELECT unit.code FROM unit WHERE unit.unit_no = report.unit_no) AS unit_code,
    (SELECT unit.valid_from FROM unit WHERE unit.unit_no = report.unit_no) AS unit_valid_from
