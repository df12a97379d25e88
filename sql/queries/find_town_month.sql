-- Give the town's figures of some months, the oldest first.
-- grain: period × scope (wards, desk, town)
-- needs: town_period_known_at; parameters as_of, period_keys
SELECT *
FROM town_period_known_at(CAST(:as_of AS timestamptz), CAST(:period_keys AS text[]))
ORDER BY period_start, CASE scope WHEN 'wards' THEN 0 WHEN 'desk' THEN 1 ELSE 2 END
