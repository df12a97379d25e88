-- Link each period's opening stocks to the closing stocks of the period before, as known now.
-- grain: unit or group × period × source system × field, and the sum over the fields
-- needs: chain_known_at

CREATE VIEW chain AS
SELECT
    unit_code, unit_name, unit_valid_from, period_key, period_start, period_end, source_system, field, is_sum,
    carried_over, previous_unit_name, previous_key, previous_pending_total, gap, kind, periods_missing, is_break,
    unknown_because
FROM chain_known_at('infinity');
COMMENT ON VIEW chain IS 'Each opening stock beside the closing stock it should continue, back to the first period known.';
COMMENT ON COLUMN chain.unit_code IS 'Code of the unit; of a group, the codes of all that succeeded in it.';
COMMENT ON COLUMN chain.unit_name IS 'Name of the unit; of a group, the names of all that succeeded in it.';
COMMENT ON COLUMN chain.unit_valid_from IS 'First day of the unit, or of the group''s successors; empty: before all that is known.';
COMMENT ON COLUMN chain.field IS 'Field of procedures, or its printed name where it is in no list; "all" for the sum and for reports that name no fields.';
COMMENT ON COLUMN chain.is_sum IS 'Whether the line is the sum over fields that have lines of their own.';
COMMENT ON COLUMN chain.carried_over IS 'Opening stock; of a group, summed over its successors. 0 where the report has no row for the field.';
COMMENT ON COLUMN chain.previous_unit_name IS 'Whose closing stock it should continue: the unit itself, or those it was made from.';
COMMENT ON COLUMN chain.previous_key IS 'The last period of the same kind before, of the unit or of those it was made from.';
COMMENT ON COLUMN chain.previous_pending_total IS 'Closing stock of that period, summed over the previous units. 0 where they have no row for the field.';
COMMENT ON COLUMN chain.gap IS 'Opening stock minus that closing stock; across a gap, what the missing periods must account for. Empty: unknown.';
COMMENT ON COLUMN chain.kind IS 'same unit; merger: one unit made wholly of others; group: units that were split, comparable only together; outside: such a group with a part outside the town, of which only a bound can be judged; across a gap: periods are missing in between.';
COMMENT ON COLUMN chain.periods_missing IS 'How many periods are missing in between.';
COMMENT ON COLUMN chain.is_break IS 'Whether the stocks contradict each other; never across a gap and never where something is unknown.';
COMMENT ON COLUMN chain.unknown_because IS 'Why nothing can be judged; empty: it can.';
