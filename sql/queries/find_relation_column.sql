-- List the tables, views and functions of the warehouse with their columns and what the catalogue says of them.
-- grain: column of a table or view
-- needs: the catalogue of PostgreSQL
SELECT
    relation.relname AS relation_name,
    relation.relkind = 'v' AS is_view,
    obj_description(relation.oid, 'pg_class') AS relation_comment,
    attribute.attname AS column_name,
    format_type(attribute.atttypid, attribute.atttypmod) AS column_type,
    attribute.attnotnull AS is_required,
    col_description(relation.oid, attribute.attnum) AS column_comment
FROM pg_class AS relation
JOIN pg_attribute AS attribute
    ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE relation.relnamespace = CAST('public' AS regnamespace) AND relation.relkind IN ('r', 'v')
ORDER BY is_view DESC, relation_name, attribute.attnum
