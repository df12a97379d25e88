"""Write the form as an xlsx workbook: empty for a ward to fill in, or filled.

The same figures give the same bytes: nothing in the workbook depends on when it was written.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from etl.errors import ConfigError
from etl.form_guard import guard_form
from etl.form_layout import compose_form
from etl.form_sheet import OFFICIAL, TEMPLATE, FormSheet, Formula, Part, Row, Wording
from etl.forms import ColumnKind, Edition
from etl.model import Unit
from etl.parsing.body import ALL_FIELDS
from etl.periods import Period
from etl.reference import Reference
from etl.sealing import FIRST_SHEET, Cached, seal_workbook

_FONT = "Times New Roman"
_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_FILLS = {
    Part.HEADING: "FFDDEBF7",
    Part.NUMBER: "FFF2F2F2",
    Part.SECTION: "FFFFF2CC",
    Part.GROUP: "FFF2F2F2",
    Part.TOTAL: "FFE2EFDA",
}
_BOLD = frozenset({Part.TITLE, Part.HEADING, Part.SECTION, Part.GROUP, Part.TOTAL, Part.SIGNATURE})
_TABLE = frozenset({Part.HEADING, Part.NUMBER, Part.SECTION, Part.GROUP, Part.FIELD, Part.SPARE, Part.TOTAL})
_SIZES = {Part.NUMBER: 9, Part.CODE: 9}
_WIDTHS: dict[ColumnKind | None, int] = {ColumnKind.ROW_NUMBER: 6, ColumnKind.FIELD: 38, ColumnKind.NOTE: 24}


def write_form(
    path: Path,
    *,
    reference: Reference,
    edition: Edition,
    unit: Unit,
    period: Period,
    rows: Iterable[Row],
    wording: Wording = OFFICIAL,
) -> FormSheet:
    """Write a report on the edition's sheet and return what stands in it."""
    sheet = compose_form(reference, edition, unit=unit, period=period, rows=rows, wording=wording)
    path.write_bytes(build_workbook(sheet, largest_count=reference.town.largest_count))
    return sheet


def build_template(
    reference: Reference,
    unit: Unit,
    period: Period,
    *,
    opening_stocks: Mapping[tuple[str, str], int] | None = None,
) -> bytes:
    """Build the form for a unit to fill in: its code, a row for each field, formulas for all sums, guards.

    `opening_stocks`: (source system, field) → dossiers that the period before still held.
    *Missing*: a field with no stock given is left blank to be filled in.
    """
    stocks = opening_stocks or {}
    opening = next((roll.opening for roll in reference.form.roll_forwards), "")
    systems = sorted({system for system, _ in stocks}) or [""]
    rows: list[dict[str, object]] = [
        {"field": name, "source_system": system, opening: stocks.get((system, name))}
        for system in systems
        for name in _fields_of(system, stocks, reference)
    ]
    edition = find_edition(reference, period)
    sheet = compose_form(reference, edition, unit=unit, period=period, rows=rows, wording=TEMPLATE)
    return build_workbook(sheet, largest_count=reference.town.largest_count)


def _fields_of(system: str, stocks: Mapping[tuple[str, str], int], reference: Reference) -> list[str]:
    """List the known fields, and after them what else still holds dossiers: no stock is left out."""
    known = [field.code for field in reference.fields]
    others = [name for of, name in stocks if of == system and name not in known and name != ALL_FIELDS]
    return [*known, *(name for name in others if stocks[system, name])]


def find_edition(reference: Reference, period: Period) -> Edition:
    """Find the newest official sheet in force at the end of a period. *Raises*: ConfigError where there is none."""
    sheet = reference.form.sheet_on(period.end)
    if sheet is None:
        raise ConfigError(f"form {reference.form.name}: no edition is in force on {period.end}; add one to its yaml")
    return sheet


def build_workbook(sheet: FormSheet, *, largest_count: int) -> bytes:
    """Turn a laid-out sheet into the bytes of a workbook."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = sheet.name
    _fill(page, sheet)
    if sheet.numbers_of(Part.TITLE):
        _dress(page, sheet)
    if sheet.is_template:
        guard_form(book, page, sheet, largest_count=largest_count)
    _prepare_print(page, sheet)
    stream = io.BytesIO()
    book.save(stream)
    return seal_workbook(stream.getvalue(), {FIRST_SHEET: _formula_values(sheet)})


def _fill(page: Worksheet, sheet: FormSheet) -> None:
    for number, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row, 1):
            cell = page.cell(number, column)
            cell.value = f"={value.text}" if isinstance(value, Formula) else value  # type: ignore[assignment]
    for top, left, bottom, right in sheet.merges:
        page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def _dress(page: Worksheet, sheet: FormSheet) -> None:
    """Make it look like the official sheet, with the column headings always in sight."""
    for number, part in enumerate(sheet.parts, 1):
        for column in range(1, len(sheet.columns) + 1):
            is_text = sheet.columns[column - 1].kind in (ColumnKind.FIELD, ColumnKind.NOTE)
            _dress_cell(page.cell(number, column), part, is_text=is_text)
    for index, shown in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(shown.kind, 12)
    for number in (*sheet.numbers_of(Part.HEADING), *sheet.numbers_of(Part.NUMBER)):
        page.row_dimensions[number].height = _height(sheet, number)
    page.freeze_panes = f"C{_last_heading(sheet) + 1}"


def _height(sheet: FormSheet, number: int) -> float:
    """Make a row high enough for its longest text; what is merged downwards has the rows below as well."""
    merged = {(top, left): right - left + 1 for top, left, bottom, right in sheet.merges if bottom == top}
    tall = {(top, left) for top, left, bottom, _ in sheet.merges if bottom > top}
    lines = [
        -(-len(str(value)) // (11 * merged.get((number, at), 1)))
        for at, value in enumerate(sheet.rows[number - 1], 1)
        if value is not None and (number, at) not in tall
    ]
    return 16.0 * max(lines, default=1)


def _dress_cell(cell: Cell | MergedCell, part: Part, *, is_text: bool) -> None:
    size, is_italic = _SIZES.get(part, 11), part is Part.NUMBER
    cell.font = Font(name=_FONT, size=size, bold=part in _BOLD, italic=is_italic)
    if part in _TABLE:
        cell.border = _BOX
    if part in _FILLS:
        cell.fill = PatternFill("solid", start_color=_FILLS[part], end_color=_FILLS[part])
    is_left = is_text and part in (Part.SECTION, Part.GROUP, Part.FIELD, Part.SPARE, Part.TOTAL)
    side = "right" if part is Part.CODE else "left" if is_left else "center"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=part in _TABLE)
    if part in (Part.FIELD, Part.SPARE, Part.TOTAL):
        cell.number_format = "#,##0"


def _prepare_print(page: Worksheet, sheet: FormSheet) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    headings = sheet.numbers_of(Part.HEADING)
    page.print_title_rows = f"{headings[0]}:{_last_heading(sheet)}"
    page.print_options.horizontalCentered = True


def _last_heading(sheet: FormSheet) -> int:
    return (*sheet.numbers_of(Part.HEADING), *sheet.numbers_of(Part.NUMBER))[-1]


def _formula_values(sheet: FormSheet) -> dict[str, Cached]:
    cells = (
        (f"{get_column_letter(column)}{number}", value)
        for number, row in enumerate(sheet.rows, 1)
        for column, value in enumerate(row, 1)
    )
    return {
        place: Cached("str" if isinstance(value.value, str) else "", str(value.value))
        for place, value in cells
        if isinstance(value, Formula) and value.value is not None
    }
