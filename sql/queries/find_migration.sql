-- List what was applied to the warehouse, with the checksums.
-- grain: migration
-- needs: migration
SELECT name, checksum
FROM migration
ORDER BY name
