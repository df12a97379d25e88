-- List where an opening stock is not the closing stock of the period before, in the finest lines that can be compared.
-- grain: unit or group × period × source system × field
-- needs: chain

CREATE VIEW chain_break AS
SELECT
    unit_code, unit_name, unit_valid_from, previous_key, period_key, source_system, field, previous_pending_total,
    carried_over, gap, kind, previous_unit_name
FROM chain
WHERE is_break AND NOT is_sum;
COMMENT ON VIEW chain_break IS 'Opening stocks that are not the closing stock of the period before, with the size of the break.';
COMMENT ON COLUMN chain_break.kind IS 'same unit; merger: one unit made wholly of others; group: units that were split, comparable only together; outside: such a group with a part outside the town.';
