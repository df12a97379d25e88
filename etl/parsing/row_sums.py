"""Rows that sum up others: groups of fields, sections, the whole sheet."""

from collections.abc import Sequence, Set
from dataclasses import replace
from functools import partial
from itertools import takewhile

from etl.parsing.body import ALL_FIELDS, BodyRow
from etl.parsing.lexicon import is_total


def mark_groups(rows: Sequence[BodyRow], numbered: Set[int]) -> list[BodyRow]:
    """Tell rows of no known field that only say again what other rows say, and must not be counted twice.

    They sum up exactly the fields below them (a group), or exactly make up the field above them (its procedures).
    What sums up is not numbered 1, 2, 3 and what it sums up is: small figures agree by chance.
    """
    marked = list(rows)
    for i, row in enumerate(rows):
        below = list(takewhile(partial(_is_of_other_kind, row), rows[i + 1 :]))
        is_head = row.kind == "field" and row.row not in numbered and all(other.row in numbered for other in below)
        if not is_head or not below or not _sums_up(row, below):
            continue
        if _is_unknown(row):
            marked[i] = replace(row, kind="group")
        else:
            marked[i + 1 : i + 1 + len(below)] = [replace(detail, kind="group") for detail in below]
    return marked


def _is_unknown(row: BodyRow) -> bool:
    return row.field is None


def _is_of_other_kind(row: BodyRow, other: BodyRow) -> bool:
    return other.kind == "field" and _is_unknown(other) != _is_unknown(row)


def mark_sums(rows: Sequence[BodyRow]) -> list[BodyRow]:
    """Make totals of rows of no known field that say exactly what all fields above say together.

    Only on a sheet without a total row of its own, and where two rows above say anything: a second one may agree
    with a first by chance.
    """
    if any(row.kind == "total" for row in rows):
        return list(rows)
    marked: list[BodyRow] = []
    sums: dict[str, int] = {}
    spoken = 0
    for row in rows:
        figures = {measure: count for measure, count in row.counts.items() if count is not None}
        is_candidate = row.kind == "field" and _is_unknown(row) and row.field_name and spoken > 1
        is_sum = any(figures.values()) and all(sums.get(measure, 0) == count for measure, count in figures.items())
        if is_candidate and is_sum:
            marked.append(replace(row, kind="total", source_system=""))
            continue
        if row.kind == "field":
            spoken += any(figures.values())
            for measure, count in figures.items():
                sums[measure] = sums.get(measure, 0) + count
        marked.append(row)
    return marked


def mark_totals(rows: Sequence[BodyRow]) -> list[BodyRow]:
    """Give each total its scope: the last one is the whole sheet's, unless each section has just one.

    Where a sheet has a total and no fields, the total is all that is reported.
    """
    if not any(row.kind == "field" for row in rows):
        return [replace(row, kind="field", field=ALL_FIELDS) for row in rows if row.kind == "total"][:1]
    closing = [row for row in rows if row.kind == "total" and row.source_system and is_total(row.field_name)]
    systems = {row.source_system for row in rows if row.source_system}
    has_each = len(systems) > 1 and sorted(row.source_system for row in closing) == sorted(systems)
    if not closing or has_each:
        return list(rows)
    return [replace(row, source_system="") if row is closing[-1] else row for row in rows]


def _sums_up(row: BodyRow, below: Sequence[BodyRow]) -> bool:
    figures = {measure: count for measure, count in row.counts.items() if count is not None}
    return any(figures.values()) and all(
        count == sum(other.counts[measure] or 0 for other in below) for measure, count in figures.items()
    )
