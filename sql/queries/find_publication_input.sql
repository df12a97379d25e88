-- Say of each report that a dataset speaks of which file and reading it comes from.
-- grain: unit × period
-- needs: submission, reading, report, unit; reports as a JSON list
SELECT
    unit.code AS unit_code, given.unit_name, given.period_key, submission.sha256 AS submission, submission.name,
    submission.received_at, submission.sent_by, report.content_sha256, report.verdict, report.edition, report.revision,
    given.waived, given.corrected
FROM jsonb_to_recordset(CAST(:reports AS jsonb))
    AS given (unit_code text, unit_name text, period_key text, submission text, waived integer, corrected integer)
JOIN submission ON submission.sha256 = given.submission
JOIN report ON report.submission = given.submission AND report.period_key = given.period_key
JOIN unit ON unit.unit_no = report.unit_no AND unit.code = given.unit_code
WHERE report.revision = (SELECT max(reading.revision) FROM reading WHERE reading.submission = given.submission)
ORDER BY given.period_key, unit.code, given.unit_name
