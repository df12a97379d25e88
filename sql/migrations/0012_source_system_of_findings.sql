-- Tell findings and waivers of the same field apart by the system that the row is of.
-- grain: finding, waiver
-- needs: 0008_decisions_and_standing

ALTER TABLE finding ADD COLUMN source_system text;
COMMENT ON COLUMN finding.source_system IS 'System of the row; empty where the sheet names none, NULL where the finding is about no row.';
ALTER TABLE waiver ADD COLUMN source_system text;
COMMENT ON COLUMN waiver.source_system IS 'Only in rows of this system; as in finding.';
