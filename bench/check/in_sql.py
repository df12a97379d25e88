"""The rules as SQL, for DuckDB and dbt: each statement gives the keys of the rows that break one rule."""

from bench.check.rules import DOUBLED, LINE, MEASURES, NEGATIVE, PLACE, ROLL_FORWARD, SUMS, TOTAL_ROW, Sum

PLACED = ", ".join(PLACE)


def compose_statements(rows: str = "rows", before: str = "before") -> dict[str, str]:
    """Give a statement for each rule, over tables of these names. *Shape*: unit, period, source_system, field."""
    statements = {rule.rule: f"SELECT {PLACED} FROM {rows} WHERE {_is_broken(rule)}" for rule in SUMS}
    negative = " OR ".join(f"{measure} < 0" for measure in MEASURES)
    return statements | {
        NEGATIVE: f"SELECT {PLACED} FROM {rows} WHERE {negative}",
        DOUBLED: f"SELECT {PLACED} FROM {rows} GROUP BY {PLACED} HAVING count(*) > 1",
        TOTAL_ROW: _compose_total_row(rows),
        ROLL_FORWARD: _compose_roll_forward(rows, before),
    }


def _is_broken(rule: Sum) -> str:
    known = " + ".join(f"coalesce({part}, 0)" for part in rule.parts)
    complete = " OR ".join("(" + " AND ".join(f"{part} IS NOT NULL" for part in parts) + ")" for parts in rule.complete)
    return f"{rule.total} < {known} OR ({rule.total} > {known} AND ({complete}))"


def _compose_total_row(rows: str) -> str:
    sums = ", ".join(f"sum({m}) AS {m}, count({m}) < count(*) AS is_part_{m}" for m in MEASURES)
    differs = " OR ".join(f"t.{m} < s.{m} OR (t.{m} > s.{m} AND NOT s.is_part_{m})" for m in MEASURES)
    return (
        f"SELECT t.unit, t.period, t.source_system, t.field FROM {rows} AS t "
        f"INNER JOIN (SELECT report, {sums} FROM {rows} WHERE kind = 'field' GROUP BY report) AS s "
        f"ON t.report = s.report WHERE t.kind = 'total' AND ({differs})"
    )


def _compose_roll_forward(rows: str, before: str) -> str:
    line = ", ".join(name for name in ("unit", *LINE[1:]))
    return (
        f"SELECT r.unit, r.period, r.source_system, r.field FROM {rows} AS r INNER JOIN ("
        f"SELECT {line}, month + 1 AS month, pending_total AS previous FROM {rows} WHERE kind = 'field' "
        f"UNION ALL SELECT {line}, month, pending_total FROM {before}) AS p USING ({line}, month) "
        "WHERE r.kind = 'field' AND r.carried_over <> p.previous"
    )
