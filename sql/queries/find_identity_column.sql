-- List the columns that the warehouse numbers by itself, with their sequences.
-- grain: identity column
-- needs: PostgreSQL's catalogue
SELECT
    pg_class.relname AS relation, pg_attribute.attname AS column_name,
    pg_get_serial_sequence(quote_ident(pg_class.relname), pg_attribute.attname) AS sequence
FROM pg_class
JOIN pg_attribute ON pg_attribute.attrelid = pg_class.oid AND pg_attribute.attidentity <> ''
WHERE pg_class.relnamespace = CAST('public' AS regnamespace) AND pg_class.relkind IN ('r', 'p')
    AND NOT pg_class.relispartition
ORDER BY pg_class.relname
