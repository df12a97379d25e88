-- List the functions that readers may call.
-- grain: function
-- needs: the catalogue of PostgreSQL
SELECT
    routine.proname AS function_name,
    pg_get_function_arguments(routine.oid) AS arguments,
    obj_description(routine.oid, 'pg_proc') AS function_comment
FROM pg_proc AS routine
WHERE routine.pronamespace = CAST('public' AS regnamespace) AND has_function_privilege('reader', routine.oid, 'EXECUTE')
    AND routine.prorettype <> CAST('trigger' AS regtype) AND routine.proretset
ORDER BY routine.proname
