-- Give the bytes of a published file.
-- grain: file of a publication
-- needs: publication_file; parameters name, number, period_key
SELECT content
FROM publication_file
WHERE period_key = :period_key AND number = :number AND name = :name
