"""Several official tables on one sheet, one below the other, each under a title of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from etl.forms import ColumnKind
from etl.parsing.headings import find_layouts
from etl.parsing.layout import Layout, repeats_heading
from etl.parsing.titles import read_header
from etl.reading.grid import Sheet
from etl.reference import Reference

_MOST_TITLES = 30  # rows between two tables
_MOST_TABLES = 100  # on one sheet; rows below are reported as unused


def split_tables(
    sheet: Sheet, layouts: Sequence[Layout], reference: Reference
) -> Iterator[tuple[Sheet, Sequence[Layout]]]:
    """Cut a sheet before each title that names a unit and stands over the headings again; rows keep their numbers.

    Headings that a page repeats, with no unit above them, go on with the same table.
    """
    for _ in range(_MOST_TABLES):
        cut = _find_cut(sheet, layouts[0], reference)
        if cut is None:
            break
        below = _from_row(sheet, cut)
        below_layouts = find_layouts(below, reference.form, start=cut)
        if not below_layouts or below_layouts[0].edition.layout == "plain":
            break
        yield replace(sheet, rows=sheet.rows[: cut - 1]), layouts
        sheet, layouts = below, below_layouts
    yield sheet, layouts


def _from_row(sheet: Sheet, first: int) -> Sheet:
    merges = tuple(merge for merge in sheet.merges if merge.top >= first)
    return replace(sheet, rows=((),) * (first - 1) + sheet.rows[first - 1 :], merges=merges)


def _find_cut(sheet: Sheet, layout: Layout, reference: Reference) -> int | None:
    """Find the first row of the next table's title: the nearest row below a blank one from which a unit is named."""
    last = layout.bottom
    for row in range(layout.bottom + 1, sheet.height + 1):
        if repeats_heading(sheet, layout, row):
            first = max(last + 1, row - _MOST_TITLES)
            for start in range(row - 1, first - 1, -1):
                is_start = start == first or _is_blank(sheet, start - 1)
                if is_start and not _is_blank(sheet, start) and _names_unit(sheet, start, row, reference):
                    return start
            last = row
        elif _has_numbers(sheet, layout, row):
            last = row
    return None


def _is_blank(sheet: Sheet, row: int) -> bool:
    return all(value is None for value in sheet.rows[row - 1])


def _has_numbers(sheet: Sheet, layout: Layout, row: int) -> bool:
    name = layout.at(ColumnKind.FIELD)
    is_named = name is not None and sheet.value(row, name) is not None
    cells, measures = sheet.row(row), layout.measures
    filled = sum(cells[at - 1] is not None for at in measures.values() if at <= len(cells))
    return filled > 1 and (is_named or filled > len(measures) // 2)


def _names_unit(sheet: Sheet, first: int, top: int, reference: Reference) -> bool:
    title = Sheet("", ((),) * (first - 1) + sheet.rows[first - 1 : top - 1])
    header = read_header(title, top, reference)
    return header.unit is not None or bool(header.unit_text)
