-- List where a unit's opening stock is not its closing stock of the period before.
-- grain: unit × period × source system × field
-- needs: ward_period

CREATE VIEW chain_break AS
WITH
stock AS (
    SELECT
        unit_code, unit_name, unit_valid_from, period_key, period_start, period_end, source_system, field,
        CASE WHEN count(*) = count(carried_over) THEN CAST(sum(carried_over) AS bigint) END AS carried_over,
        CASE WHEN count(*) = count(pending_total) THEN CAST(sum(pending_total) AS bigint) END AS pending_total
    FROM ward_period
    WHERE field IS NOT NULL
    GROUP BY unit_code, unit_name, unit_valid_from, period_key, period_start, period_end, source_system, field
)
SELECT
    stock.unit_code, stock.unit_name, stock.unit_valid_from,
    previous.period_key AS previous_key,
    stock.period_key,
    stock.source_system, stock.field,
    previous.pending_total AS previous_pending_total,
    stock.carried_over,
    stock.carried_over - previous.pending_total AS gap
FROM stock
JOIN stock AS previous
    ON previous.unit_code = stock.unit_code
    AND previous.unit_valid_from IS NOT DISTINCT FROM stock.unit_valid_from
    AND previous.source_system = stock.source_system
    AND previous.field = stock.field
    AND previous.period_end = stock.period_start - 1
WHERE stock.carried_over <> previous.pending_total;
COMMENT ON VIEW chain_break IS 'Opening stocks that are not the closing stock of the period before, with the size of the break.';
COMMENT ON COLUMN chain_break.previous_key IS 'The period that ends the day before.';
COMMENT ON COLUMN chain_break.previous_pending_total IS 'Closing stock of the period before.';
COMMENT ON COLUMN chain_break.gap IS 'Opening stock minus that closing stock.';
