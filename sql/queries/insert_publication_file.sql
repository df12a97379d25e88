-- Keep a file of a publication.
-- grain: file of a publication
-- needs: publication_file; lock_publication was taken
INSERT INTO publication_file (period_key, number, name, content)
VALUES (:period_key, :number, :name, :content)
