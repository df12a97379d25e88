"""The cells of a workbook, with what the library that reads it does not tell.

It runs in a child, and imports nothing but the standard library and python-calamine.
"""

import io
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from etl.reading.workbook_scan import Ceiling, Marks, RefusedError, scan_workbook
from etl.reading.xls_scan import scan_xls

_MOST_SHEETS = 200
_PLAIN = frozenset({str, int, float, bool})


def ceiling_of(limits: dict[str, int]) -> Ceiling:
    return Ceiling(**{field.name: limits[field.name] for field in fields(Ceiling)})


def read_cells(content: bytes, kind: str, ceiling: Ceiling) -> list[dict[str, Any]]:
    """Read the cells of every sheet. *Raises*: RefusedError, and whatever the library raises for a damaged file."""
    marks = scan_xls(content, ceiling) if kind == "xls" else scan_workbook(content, kind, ceiling)
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    listed = workbook.sheets_metadata
    if len(listed) > _MOST_SHEETS:
        raise RefusedError("too_large", f"{len(listed)} sheets > {_MOST_SHEETS}")
    if len(marks) != len(listed):
        marks = [Marks() for _ in listed]
    sheets = []
    for index, listing in enumerate(listed):
        if listing.typ == python_calamine.SheetTypeEnum.WorkSheet:
            is_visible = listing.visible == python_calamine.SheetVisibleEnum.Visible
            sheet = _read_sheet(workbook.get_sheet_by_index(index), marks[index], ceiling)
            sheets.append(sheet | {"name": listing.name, "is_visible": is_visible})
    _check_letters(sheets, ceiling)
    return sheets


def _read_sheet(sheet: python_calamine.CalamineSheet, marks: Marks, ceiling: Ceiling) -> dict[str, Any]:
    if sheet.total_height * sheet.total_width > ceiling.max_cells:  # xls has no scan before it
        raise RefusedError("too_large", f"{sheet.total_height} × {sheet.total_width}")
    rows = [_plain_row(row) for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), error in marks.errors.items():
        _put(rows, row, column, error)
    _blank_zeros(rows, marks)
    ranges = sheet.merged_cell_ranges
    merges = marks.merges if ranges is None else [(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in ranges]
    return {
        "rows": rows,
        "merges": merges,
        "hidden_rows": sorted(marks.hidden_rows),
        "hidden_columns": sorted(marks.hidden_columns),
        "uncached": sorted(marks.uncached),
    }


def _plain_row(row: list[Any]) -> list[object]:
    if _PLAIN.issuperset(map(type, row)):
        return [value if value.__class__ is not str or value.strip() else None for value in row]
    return [_plain(value) for value in row]


def _plain(value: object) -> object:
    """Make a value fit for JSON; a moment becomes `{its kind: …}`."""
    if value == "" or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, timedelta):
        return {"days": value / timedelta(days=1)}
    if isinstance(value, datetime | date | time):
        return {type(value).__name__: value.isoformat()}
    return value


def _put(rows: list[list[Any]], row: int, column: int, value: str) -> None:
    """Put back an error value, which the library reads as blank."""
    while len(rows) < row:
        rows.append([])
    rows[row - 1] += [None] * (column - len(rows[row - 1]))
    rows[row - 1][column - 1] = value


def _blank_zeros(rows: list[list[Any]], marks: Marks) -> None:
    """Take out the zeros of formulas that showed nothing; in the order of the sheet, for totals name them."""
    for (row, column), named in marks.zeros.items():
        if all(_value(rows, *place) is None for place in named) and _value(rows, row, column) == 0:
            rows[row - 1][column - 1] = None


def _value(rows: list[list[Any]], row: int, column: int) -> Any:
    is_inside = row <= len(rows) and column <= len(rows[row - 1])
    return rows[row - 1][column - 1] if is_inside else None


def _check_letters(sheets: list[dict[str, Any]], ceiling: Ceiling) -> None:
    """Stop a short text repeated from a million cells before it fills the parent's memory."""
    letters = sum(len(value) for sheet in sheets for row in sheet["rows"] for value in row if value.__class__ is str)
    if letters > ceiling.max_bytes:
        raise RefusedError("too_large", f"{letters // 1_000_000} M")
