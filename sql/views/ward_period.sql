-- Give the figures that count now, row by row.
-- grain: unit × period × source system × field, one row each that the report printed
-- needs: figure, report_known_at

CREATE VIEW ward_period AS
SELECT figure.*
FROM report_known_at('infinity') AS report
JOIN figure ON figure.report_no = report.report_no;
COMMENT ON VIEW ward_period IS 'The figures of each ward and period that count. Empty: neither reported nor determined, never 0.';
