-- List the tables of the warehouse with the columns that a backup keeps: all but those that follow from others.
-- grain: table
-- needs: PostgreSQL's catalogue
SELECT
    pg_class.relname AS name,
    array_agg(CAST(pg_attribute.attname AS text) ORDER BY pg_attribute.attnum) AS columns,
    ARRAY(
        SELECT DISTINCT CAST(referenced.relname AS text)
        FROM pg_constraint
        JOIN pg_class AS referenced ON referenced.oid = pg_constraint.confrelid
        WHERE pg_constraint.conrelid = pg_class.oid AND pg_constraint.contype = 'f'
            AND pg_constraint.confrelid <> pg_constraint.conrelid
    ) AS needs
FROM pg_class
JOIN pg_attribute
    ON pg_attribute.attrelid = pg_class.oid AND pg_attribute.attnum > 0 AND NOT pg_attribute.attisdropped
    AND pg_attribute.attgenerated = ''
WHERE pg_class.relnamespace = CAST('public' AS regnamespace)
    AND pg_class.relkind IN ('r', 'p') AND NOT pg_class.relispartition
GROUP BY pg_class.oid, pg_class.relname
ORDER BY pg_class.relname
