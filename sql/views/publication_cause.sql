-- Say what happened to which report since the publication before, by whom and why.
-- grain: publication × unit × period of the report × what happened
-- needs: publication

CREATE VIEW publication_cause AS
SELECT
    publication.period_key, publication.number, publication.published_at,
    cause.unit_code, cause.unit_name, cause.report_period, cause.kind, cause.who, cause.at, cause.reason,
    cause.submission_before, cause.submission_after, cause.status_before, cause.status_after,
    cause.what_vi, cause.what_en
FROM publication
CROSS JOIN LATERAL jsonb_to_recordset(publication.causes) AS cause (
    unit_code text, unit_name text, report_period text, kind text, who text, at timestamptz, reason text,
    submission_before text, submission_after text, status_before text, status_after text, what_vi text, what_en text
);
COMMENT ON VIEW publication_cause IS 'The reports and decisions that made a publication differ from the one before.';
COMMENT ON COLUMN publication_cause.number IS 'Number of the publication.';
COMMENT ON COLUMN publication_cause.published_at IS 'When it was published.';
COMMENT ON COLUMN publication_cause.unit_name IS 'The unit, as it was called in the period.';
COMMENT ON COLUMN publication_cause.report_period IS 'The period of the report; the publication may be of a range.';
COMMENT ON COLUMN publication_cause.kind IS 'came, replaced, sent back, withdrawn, waived, corrected or judged again.';
COMMENT ON COLUMN publication_cause.who IS 'Who sent the report, or decided.';
COMMENT ON COLUMN publication_cause.at IS 'When it arrived, or was decided.';
COMMENT ON COLUMN publication_cause.reason IS 'Why it was decided; empty where nobody decided.';
COMMENT ON COLUMN publication_cause.submission_before IS 'The file that spoke for the unit in the publication before.';
COMMENT ON COLUMN publication_cause.submission_after IS 'The file that speaks for it now.';
COMMENT ON COLUMN publication_cause.status_before IS 'accepted, accepted with warnings, rejected or missing, in the publication before.';
COMMENT ON COLUMN publication_cause.status_after IS 'The same, now.';
COMMENT ON COLUMN publication_cause.what_vi IS 'What happened, and by how much the unit''s own figures changed, in Vietnamese.';
COMMENT ON COLUMN publication_cause.what_en IS 'The same in English.';
