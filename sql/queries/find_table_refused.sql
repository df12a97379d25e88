-- List the tables that this role may not add to.
-- grain: table
-- needs: PostgreSQL's catalogue; parameter tables
SELECT wanted.name
FROM unnest(CAST(:tables AS text[])) AS wanted (name)
WHERE to_regclass(wanted.name) IS NULL OR NOT has_table_privilege(to_regclass(wanted.name), 'INSERT')
ORDER BY wanted.name
