-- Link each period's opening stocks to the closing stocks of the period before, as known at a moment.
-- grain: unit or group × period × source system × field, and the sum over the fields
-- needs: report_known_at, report_row, period, unit, succession_group

-- A period follows the last one of its own kind (a month a month); after units went into one another the whole group
-- opens with what the whole group still held. A field that one side printed and the other did not held nothing there.
-- Where only one side divides by fields, the sums alone are compared.
CREATE FUNCTION chain_known_at(as_of timestamptz, wanted_codes text[] DEFAULT NULL, wanted_keys text[] DEFAULT NULL)
RETURNS TABLE (
    unit_code text, unit_name text, unit_valid_from date, period_key text, period_start date, period_end date,
    source_system text, field text, is_sum boolean, carried_over bigint,
    previous_unit_name text, previous_key text, previous_pending_total bigint,
    gap bigint, kind text, periods_missing integer, is_break boolean, unknown_because text
)
LANGUAGE sql STABLE SECURITY DEFINER
SET work_mem = '128MB' -- a nation's rows are sorted once; the default would go to disk in a hundred pieces
BEGIN ATOMIC
    WITH RECURSIVE
    wanted AS (
        SELECT unit.unit_no
        FROM unit
        WHERE wanted_codes IS NULL OR unit.code = ANY (wanted_codes)
        UNION
        SELECT before.unit_no
        FROM wanted
        JOIN succession_group AS after ON after.unit_no = wanted.unit_no AND after.side = 'after'
        JOIN succession_group AS before ON before.group_no = after.group_no AND before.side = 'before'
    ),
    grouped AS (
        SELECT member.group_no, member.unit_no, member.side, member.on_date, member.has_outside, member.is_whole
        FROM succession_group AS member
        WHERE member.group_no IN (
            SELECT own.group_no
            FROM succession_group AS own
            JOIN wanted ON wanted.unit_no = own.unit_no
            WHERE own.side = 'after'
        )
    ),
    needed AS (
        SELECT wanted.unit_no FROM wanted
        UNION
        SELECT grouped.unit_no FROM grouped
    ),
    report AS (
        SELECT
            known.report_no, known.unit_no, period.period_key, period.start_date, period.end_date,
            regexp_replace(period.period_key, '[0-9]', '0', 'g') AS period_kind,
            EXISTS (
                SELECT FROM report_row WHERE report_row.report_no = known.report_no AND report_row.field = 'all'
            ) AS is_undivided
        FROM report_known_at(as_of) AS known
        JOIN needed ON needed.unit_no = known.unit_no
        JOIN period ON period.period_key = known.period_key
    ),
    -- One unit, period after period.
    followed AS (
        SELECT
            report.report_no, report.unit_no, report.period_key, report.start_date, report.end_date, report.period_kind,
            report.is_undivided,
            lag(report.report_no) OVER own AS previous_no,
            lag(report.period_key) OVER own AS previous_key,
            lag(report.end_date) OVER own AS previous_end,
            lag(report.is_undivided) OVER own AS was_undivided
        FROM report
        WINDOW own AS (PARTITION BY report.unit_no, report.period_kind ORDER BY report.start_date, report.end_date)
    ),
    continued AS (
        SELECT followed.*
        FROM followed
        WHERE followed.previous_end < followed.start_date
            AND (wanted_keys IS NULL OR followed.period_key = ANY (wanted_keys))
    ),
    -- A group, from the last period that any of its predecessors reported to the first of any successor.
    opened AS (
        SELECT DISTINCT ON (grouped.group_no, report.period_kind)
            grouped.group_no, report.period_kind, report.period_key, report.start_date, report.end_date
        FROM grouped
        JOIN report ON report.unit_no = grouped.unit_no
        WHERE grouped.side = 'after'
        ORDER BY grouped.group_no, report.period_kind, report.start_date, report.end_date
    ),
    closed AS (
        SELECT DISTINCT ON (opened.group_no, opened.period_kind)
            opened.group_no, opened.period_kind, opened.period_key, opened.start_date, opened.end_date,
            report.period_key AS previous_key, report.end_date AS previous_end
        FROM opened
        JOIN grouped ON grouped.group_no = opened.group_no AND grouped.side = 'before'
        JOIN report
            ON report.unit_no = grouped.unit_no AND report.period_kind = opened.period_kind
                AND report.end_date < opened.start_date
        WHERE wanted_keys IS NULL OR opened.period_key = ANY (wanted_keys)
        ORDER BY opened.group_no, opened.period_kind, report.end_date DESC, report.start_date DESC
    ),
    member AS (
        SELECT
            closed.group_no, closed.period_kind, closed.period_key, closed.start_date, closed.end_date,
            closed.previous_key, closed.previous_end,
            grouped.side = 'after' AS is_now, grouped.on_date, grouped.has_outside, grouped.is_whole,
            unit.code, unit.name, report.report_no, report.is_undivided,
            min(report.report_no) FILTER (WHERE grouped.side = 'after') OVER whole_group AS link_no
        FROM closed
        JOIN grouped ON grouped.group_no = closed.group_no
        JOIN unit ON unit.unit_no = grouped.unit_no
        LEFT JOIN report
            ON report.unit_no = grouped.unit_no
                AND report.period_key
                    = CASE grouped.side WHEN 'after' THEN closed.period_key ELSE closed.previous_key END
        WINDOW whole_group AS (PARTITION BY closed.group_no, closed.period_kind)
    ),
    link AS (
        SELECT
            continued.report_no AS link_no, unit.code, unit.name, unit.valid_from,
            continued.period_key, continued.start_date, continued.end_date, continued.period_kind,
            unit.name AS previous_name, continued.previous_key, continued.previous_end,
            'same unit' AS kind, 0 AS bound, CAST(NULL AS text) AS absent,
            NOT continued.is_undivided AND NOT continued.was_undivided AS is_divided
        FROM continued
        JOIN wanted ON wanted.unit_no = continued.unit_no
        JOIN unit ON unit.unit_no = continued.unit_no
        UNION ALL
        SELECT
            member.link_no,
            string_agg(member.code, ', ' ORDER BY member.code COLLATE "C") FILTER (WHERE member.is_now),
            string_agg(member.name, ', ' ORDER BY member.code COLLATE "C") FILTER (WHERE member.is_now),
            min(member.on_date),
            member.period_key, member.start_date, member.end_date, member.period_kind,
            string_agg(member.name, ', ' ORDER BY member.code COLLATE "C", member.name) FILTER (WHERE NOT member.is_now),
            member.previous_key, member.previous_end,
            CASE WHEN bool_or(member.has_outside) THEN 'outside' WHEN bool_and(member.is_whole) THEN 'merger' ELSE 'group' END,
            CAST(bool_or(member.has_outside AND member.is_now) AS integer)
                - CAST(bool_or(member.has_outside AND NOT member.is_now) AS integer),
            string_agg(member.name, ', ' ORDER BY member.is_now, member.code COLLATE "C") FILTER (WHERE member.report_no IS NULL),
            NOT bool_or(COALESCE(member.is_undivided, false))
        FROM member
        GROUP BY
            member.link_no, member.group_no, member.period_key, member.start_date, member.end_date, member.period_kind,
            member.previous_key, member.previous_end
    ),
    -- Every report stands in two links: it opens one and closes into the next.
    end_of_link AS (
        SELECT continued.report_no AS link_no, continued.report_no, continued.is_undivided, true AS is_now
        FROM continued
        UNION ALL
        SELECT continued.report_no, continued.previous_no, continued.was_undivided, false
        FROM continued
        UNION ALL
        SELECT member.link_no, member.report_no, member.is_undivided, member.is_now
        FROM member
        WHERE member.report_no IS NOT NULL
    ),
    stock AS (
        SELECT
            end_of_link.link_no, end_of_link.is_now, report_row.source_system,
            COALESCE(report_row.field, report_row.field_name) AS field,
            CASE
                WHEN end_of_link.is_now
                    THEN COALESCE(report_row.carried_over, CAST(report_row.determined ->> 'carried_over' AS bigint))
                ELSE COALESCE(report_row.pending_total, CAST(report_row.determined ->> 'pending_total' AS bigint))
            END AS held
        FROM end_of_link
        JOIN report_row ON report_row.report_no = end_of_link.report_no
        WHERE report_row.field = 'all' OR NOT end_of_link.is_undivided
    ),
    line AS (
        SELECT
            stock.link_no, stock.source_system, stock.field,
            CAST(sum(stock.held) FILTER (WHERE stock.is_now) AS bigint) AS opening,
            CAST(sum(stock.held) FILTER (WHERE NOT stock.is_now) AS bigint) AS closing,
            count(*) FILTER (WHERE stock.is_now AND stock.held IS NULL) > 0 AS lacks_opening,
            count(*) FILTER (WHERE NOT stock.is_now AND stock.held IS NULL) > 0 AS lacks_closing
        FROM stock
        GROUP BY GROUPING SETS ((stock.link_no, stock.source_system, stock.field), (stock.link_no, stock.source_system))
    ),
    judged AS (
        SELECT
            link.*, line.source_system,
            COALESCE(line.field, 'all') AS field,
            line.field IS NULL AND link.is_divided AS is_sum,
            CASE WHEN link.absent IS NULL AND NOT line.lacks_opening THEN COALESCE(line.opening, 0) END AS opening,
            CASE WHEN link.absent IS NULL AND NOT line.lacks_closing THEN COALESCE(line.closing, 0) END AS closing,
            CASE
                WHEN link.absent IS NOT NULL THEN 'no report of ' || link.absent
                WHEN line.lacks_opening THEN 'the opening stock is not reported'
                WHEN line.lacks_closing THEN 'the previous closing stock is not reported'
            END AS unknown_because,
            CASE
                WHEN link.start_date - link.previous_end > 1 THEN GREATEST(1, round(
                    (link.start_date - link.previous_end - 1) / CASE link.period_kind
                        WHEN '0000-00' THEN 30.44
                        WHEN '0000-Q0' THEN 91.31
                        WHEN '0000-H0' THEN 182.62
                        WHEN '0000' THEN 365.24
                        ELSE link.end_date - link.start_date + 1
                    END
                ))
                ELSE 0
            END AS periods_missing
        FROM link
        JOIN line ON line.link_no = link.link_no
        WHERE link.is_divided OR line.field IS NULL
    )
    SELECT
        judged.code, judged.name, judged.valid_from, judged.period_key, judged.start_date, judged.end_date,
        judged.source_system, judged.field, judged.is_sum, judged.opening,
        judged.previous_name, judged.previous_key, judged.closing,
        judged.opening - judged.closing,
        CASE WHEN judged.periods_missing > 0 THEN 'across a gap' ELSE judged.kind END,
        CAST(judged.periods_missing AS integer),
        COALESCE(
            judged.periods_missing = 0
            AND CASE
                WHEN judged.kind <> 'outside' THEN judged.opening <> judged.closing
                ELSE (judged.opening - judged.closing) * judged.bound > 0
            END,
            false
        ),
        judged.unknown_because
    FROM judged;
END;
COMMENT ON FUNCTION chain_known_at IS 'The chain of stocks, of all units or of those with the given codes and all they were made from; of all periods or of those given; as known at a moment.';
