"""Rows that sum up others: groups of fields, sections, the whole sheet."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from etl.body import ALL_FIELDS, BodyRow
from etl.lexicon import is_total


def mark_groups(rows: Sequence[BodyRow]) -> list[BodyRow]:
    """Tell rows of no known field whose figures are exactly those of the rows below them: they sum up a group."""
    marked = []
    for i, row in enumerate(rows):
        below = list(takewhile(lambda other: other.kind == "field" and other.field is not None, rows[i + 1 :]))
        is_group = row.kind == "field" and row.field is None and len(below) > 1 and _sums_up(row, below)
        marked.append(replace(row, kind="group") if is_group else row)
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
