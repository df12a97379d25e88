-- Give the figures that count, row by row, as known at a moment.
-- grain: unit × period × source system × field, one row each that the report printed
-- needs: figure, report_known_at, ward_period

CREATE FUNCTION ward_period_known_at(as_of timestamptz, wanted_keys text[] DEFAULT NULL)
RETURNS SETOF ward_period
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT figure.*
    FROM report_known_at(as_of, wanted_keys) AS report
    JOIN figure ON figure.report_no = report.report_no;
END;
COMMENT ON FUNCTION ward_period_known_at IS 'The figures of each ward and period that count, as known at a moment.';
