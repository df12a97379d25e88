-- Ask for the reports of the next period to be judged again: their opening stock has another figure to fit.
-- grain: submission
-- needs: report_known_at, period, unit, unit_succession, rejudgement; parameters unit_no, period_key

-- The next period of the unit, or of those it went into; whatever its report's verdict.
INSERT INTO rejudgement (submission, cause)
WITH
next AS (
    SELECT following.period_key, following.start_date, following.end_date
    FROM period
    JOIN period AS following ON following.start_date = period.end_date + 1
    WHERE period.period_key = :period_key
),
heir AS (
    SELECT unit.unit_no FROM unit WHERE unit.unit_no = :unit_no
    UNION
    SELECT successor.unit_no
    FROM unit
    JOIN unit_succession AS succession ON succession.from_code = unit.code AND succession.from_name = unit.name
    JOIN unit AS successor
        ON successor.code = succession.to_code AND successor.name = succession.to_name AND successor.valid_from = succession.on_date
    WHERE unit.unit_no = :unit_no AND succession.on_date = unit.valid_to + 1
),
judged_by_it AS (
    SELECT report.submission, report.unit_no
    FROM report_known_at('infinity', ARRAY(SELECT next.period_key FROM next)) AS report
    UNION
    SELECT report.submission, report.unit_no
    FROM report_known_at('infinity', ARRAY(SELECT next.period_key FROM next), is_rejected => true) AS report
)
SELECT DISTINCT judged_by_it.submission, 'previous'
FROM judged_by_it
JOIN heir ON heir.unit_no = judged_by_it.unit_no
