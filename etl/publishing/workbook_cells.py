"""Cells of the published workbook: values that stay what they are, boxes, and pages ready to print."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from etl.phrases import clean

FONT = "Times New Roman"
_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
HEAD, SUM = PatternFill("solid", start_color="FFDDEBF7"), PatternFill("solid", start_color="FFE2EFDA")
ALERT = Font(name=FONT, size=12, bold=True, color="FFB3261E")
_LINE_HEIGHT = 15.0


@dataclass(frozen=True, slots=True)
class Signed:
    """A difference: shown with its sign."""

    amount: int


Value = str | int | Decimal | Signed | None


def put_rows(
    page: Worksheet,
    top: int,
    rows: Sequence[Sequence[Value]],
    *,
    fill: PatternFill | None = None,
    is_bold: bool = False,
) -> None:
    """Put rows of a table from a row down, each cell in its box."""
    styles: dict[tuple[str, bool], Any] = {}  # openpyxl looks every style up in its tables: once a kind, then copied
    for number, row in enumerate(rows, top):
        for column, value in enumerate(row, 1):
            cell: Any = page.cell(number, column)
            _put(cell, value)
            kind = (_number_format(value), _is_quoted(value))
            if kind not in styles:
                _dress(cell, value, fill=fill, is_bold=is_bold)
                styles[kind] = cell._style
            cell._style = copy(styles[kind])


def put_line(page: Worksheet, row: int, words: str, font: Font | None = None) -> None:
    cell = page.cell(row, 1)
    _put(cell, words)
    cell.quotePrefix = _is_quoted(words)
    cell.font = font or Font(name=FONT, size=11)


def _put(cell: Any, value: Value) -> None:
    """Put a value into a cell; a text stays a text, whatever it begins with."""
    if isinstance(value, str):
        cell.value = clean(value, 2_000) or None
        if cell.value is not None:
            cell.data_type = "s"
        return
    cell.value = value.amount if isinstance(value, Signed) else value


def _dress(cell: Any, value: Value, *, fill: PatternFill | None, is_bold: bool) -> None:
    """Give a cell of a table the style of its kind of value."""
    cell.number_format, cell.quotePrefix = _number_format(value), _is_quoted(value)
    cell.font, cell.border = Font(name=FONT, size=11, bold=is_bold), _BOX
    centred = fill is HEAD
    horizontal = "center" if centred else "left" if isinstance(value, str) else "right"
    indent = 0 if centred else 1
    cell.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=True, indent=indent)
    if fill is not None:
        cell.fill = fill


def _number_format(value: Value) -> str:
    if isinstance(value, str):
        return "General"
    if isinstance(value, Signed):
        return "+#,##0;-#,##0;0"
    return "0.00" if isinstance(value, Decimal) else "#,##0"


def _is_quoted(value: Value) -> bool:
    """Tell whether a spreadsheet that is edited must be told that this is a text."""
    return isinstance(value, str) and value.startswith(("=", "+", "-", "@"))


def prepare_page(page: Worksheet, *, heading: tuple[int, int], widths: Sequence[int], frozen: int | None = 2) -> None:
    """Make a page fit for A4 landscape: one page wide, its heading on each page.

    `frozen`: columns that stay in sight; None where the page has several tables and nothing stays.
    """
    for column, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(column)].width = width
    _fit_heights(page, widths)
    page.row_dimensions[heading[0]].height = 64 if len(widths) > 8 else 20
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.7, footer=0.3)
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{heading[0]}:{heading[1]}"
    page.print_area = f"A1:{get_column_letter(len(widths))}{page.max_row}"
    if frozen is not None:
        page.freeze_panes = f"{get_column_letter(frozen + 1)}{heading[1] + 1}"
    page.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="&P/&N"))


def _fit_heights(page: Worksheet, widths: Sequence[int]) -> None:
    """Make the rows of tables high enough for texts that go over several lines: no spreadsheet does it on opening."""
    for row in page.iter_rows(max_col=len(widths)):
        lines = [
            len(wrap(cell.value, max(4, width - 2)))
            for cell, width in zip(row, widths, strict=True)
            if isinstance(cell.value, str) and cell.alignment.wrap_text
        ]
        number = row[0].row
        if number and max(lines, default=1) > 1:
            page.row_dimensions[number].height = _LINE_HEIGHT * max(lines)
