-- Give the last reading of a submission, with the units and periods it spoke of.
-- grain: submission
-- needs: reading, report, unit
SELECT
    reading.revision,
    reading.fingerprint,
    COALESCE(
        (
            SELECT jsonb_agg(jsonb_build_object('code', unit.code, 'valid_from', unit.valid_from, 'period_key', report.period_key))
            FROM report
            JOIN unit ON unit.unit_no = report.unit_no
            WHERE report.submission = reading.submission AND report.revision = reading.revision
        ),
        '[]'
    ) AS placed
FROM reading
WHERE reading.submission = :submission
ORDER BY reading.revision DESC
LIMIT 1
