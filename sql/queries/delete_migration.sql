-- Forget that something was applied, so that it is applied again.
-- grain: migration
-- needs: migration; parameter name
DELETE FROM migration
WHERE name = :name
