-- Which units went into one another on a day and can only be compared together, derived from the successions.
-- grain: group × unit × side
-- needs: 0001_reference

CREATE TABLE succession_group (
    on_date date NOT NULL,
    group_no integer NOT NULL CHECK (group_no > 0),
    unit_no integer NOT NULL REFERENCES unit ON DELETE CASCADE,
    side text NOT NULL CHECK (side IN ('before', 'after')),
    has_outside boolean NOT NULL,
    is_whole boolean NOT NULL,
    PRIMARY KEY (side, unit_no, on_date)
);
COMMENT ON TABLE succession_group IS 'The units that went into one another on a day; stocks before and after are those of the whole group.';
COMMENT ON COLUMN succession_group.on_date IS 'First day of the successors.';
COMMENT ON COLUMN succession_group.group_no IS 'Number of the group in the reference; the units with the same number belong together.';
COMMENT ON COLUMN succession_group.unit_no IS 'A unit of the group.';
COMMENT ON COLUMN succession_group.side IS 'before: the unit ended; after: it began.';
COMMENT ON COLUMN succession_group.has_outside IS 'Whether this side of the group also has a unit outside the town: a part came from there, or went there.';
COMMENT ON COLUMN succession_group.is_whole IS 'Whether one successor took over all of its predecessors, so that it can be judged by itself.';
CREATE INDEX succession_group_by_group ON succession_group (group_no);

GRANT SELECT, INSERT, UPDATE, DELETE ON succession_group TO loader;
