-- List the links of some units and of all they were made from, the newest unit and period first; or only the breaks.
-- grain: unit or group × period × source system × field
-- needs: chain_known_at; parameters unit_codes and period_keys (NULL: all), breaks_only

-- Of a break only the finest lines are listed: their sum would say it twice.
SELECT
    unit_code, unit_name, unit_valid_from, period_key, period_start, period_end, source_system, field, is_sum,
    carried_over, previous_unit_name, previous_key, previous_pending_total, gap, kind, periods_missing, is_break,
    unknown_because
FROM chain_known_at('infinity', CAST(:unit_codes AS text[]), CAST(:period_keys AS text[]))
WHERE NOT CAST(:breaks_only AS boolean) OR (is_break AND NOT is_sum)
ORDER BY
    unit_valid_from DESC NULLS LAST, unit_code, source_system, is_sum DESC, field, period_end DESC, period_start DESC
