-- List the files that the warehouse keeps of a period's publications, with their checksums.
-- grain: file of a publication
-- needs: publication_file, publication; parameter period_key
SELECT file.number, file.name, publication.files ->> file.name AS sha256
FROM publication_file AS file
JOIN publication ON publication.period_key = file.period_key AND publication.number = file.number
WHERE file.period_key = :period_key
ORDER BY file.number, file.name
