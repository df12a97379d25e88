-- Give what operators ruled about reports of the asked units and periods.
-- grain: ruling
-- needs: ruling, unit; keys as a JSON list
SELECT ruling.unit_no, ruling.period_key, ruling.submission, ruling.is_counted, ruling.made_at
FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS given (unit_code text, unit_valid_from date, period_key text)
JOIN unit ON unit.code = given.unit_code AND unit.valid_from IS NOT DISTINCT FROM given.unit_valid_from
JOIN ruling ON ruling.unit_no = unit.unit_no AND ruling.period_key = given.period_key
ORDER BY ruling.ruling_no
