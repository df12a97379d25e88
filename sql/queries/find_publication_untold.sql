-- List the periods whose last publication the town has not been told of: whoever published it was stopped on the way.
-- grain: period
-- needs: publication, mail
SELECT last.period_key
FROM (
    SELECT DISTINCT ON (publication.period_key) publication.period_key, publication.number, publication.program
    FROM publication
    ORDER BY publication.period_key, publication.number DESC
) AS last
WHERE last.program IS NOT NULL -- earlier versions told it together with the publication
    AND NOT EXISTS (
        SELECT FROM mail
        WHERE mail.topic = 'digest:' || last.period_key AND starts_with(mail.state, last.number || '-')
    )
ORDER BY last.period_key
