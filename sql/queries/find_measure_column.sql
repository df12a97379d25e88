-- List the columns of the table of figures.
-- grain: column
-- needs: report_row
SELECT attname AS name
FROM pg_attribute
WHERE attrelid = to_regclass('report_row') AND attnum > 0 AND NOT attisdropped
