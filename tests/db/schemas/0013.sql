INSERT INTO publication (
    period_key, number, period_start, period_end, fingerprint, content, coverage, inputs, files, adjustments, causes, rules, program
)
SELECT '2022-01/2022-04', 1, date '2021-12-15', date '2022-04-14', 'state-2', content, coverage, inputs, files, NULL, CAST('[]' AS jsonb), 'r1', '0.1.0'
FROM publication WHERE period_key = '2022-04' AND number = 1;
INSERT INTO publication_file SELECT period_key, number, 'town.csv', '\xffd8' FROM publication;
INSERT INTO publication_confirmed (period_key, number, fingerprint) SELECT period_key, number, 'state-3' FROM publication;
