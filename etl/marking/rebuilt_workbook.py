"""A workbook made of cells alone: what an xls, an ods or a CSV file comes back as."""

import re
from datetime import date, datetime, time, timedelta

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from etl.marking.own_workbook import OpenBook
from etl.marking.texts import cell_at, put_text
from etl.reading.grid import Sheet

_FONT = Font(name="Times New Roman", size=11)
_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_TOP = Alignment(vertical="center", wrap_text=True)
_TITLE = Alignment(vertical="center")  # a title may run on over the blank cells beside it
_NARROWEST, _WIDEST = 7, 42
_TABLE_CELLS = 3  # from this many filled cells on, a row is one of a table
_NOT_IN_TITLES = re.compile(r"[\[\]*?:/\\]")
_MOST_TITLE = 31


def rebuild(sheets: tuple[Sheet, ...]) -> OpenBook:
    """Write cells, merges and what is hidden into a new workbook. Text stays text, numbers stay numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    pages = {}
    for sheet in sheets:
        page = book.create_sheet(_title(sheet.name))  # made unique by the library
        page.sheet_state = "visible" if sheet.is_visible else "hidden"
        pages[sheet.name] = page
        _fill(page, sheet)
        _dress(page, sheet)
    return OpenBook(book, pages)


def _title(name: str) -> str:
    return _NOT_IN_TITLES.sub("_", name).strip("'")[: _MOST_TITLE - 3] or "Biểu"


def _fill(page: Worksheet, sheet: Sheet) -> None:
    for number, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row, 1):
            if value is None:
                continue
            cell = cell_at(page, number, column)
            match value:
                case str():
                    put_text(cell, value)
                case float() if value.is_integer():
                    cell.value = int(value)
                case bool() | int() | float() | datetime() | date() | time() | timedelta():
                    cell.value = value
    for merge in sheet.merges:
        page.merge_cells(None, merge.top, merge.left, merge.bottom, merge.right)


def _dress(page: Worksheet, sheet: Sheet) -> None:
    filled = [number for number, row in enumerate(sheet.rows, 1) if _count(row) >= _TABLE_CELLS]
    table = range(filled[0], filled[-1] + 1) if filled else range(0)
    for row in page.iter_rows(max_row=sheet.height, max_col=max(1, sheet.width)):
        for cell in row:
            is_table = cell.row in table
            cell.font = _FONT
            cell.alignment = _TOP if is_table else _TITLE
            if is_table:
                cell.border = _BOX
    for column in range(1, sheet.width + 1):
        longest = max((_width(sheet, number, column) for number in table), default=0)
        page.column_dimensions[get_column_letter(column)].width = min(max(longest + 2, _NARROWEST), _WIDEST)
        page.column_dimensions[get_column_letter(column)].hidden = column in sheet.hidden_columns
    for number in sheet.hidden_rows:
        page.row_dimensions[number].hidden = True


def _count(row: tuple[object, ...]) -> int:
    return sum(value is not None for value in row)


def _width(sheet: Sheet, row: int, column: int) -> int:
    """Give the letters of a cell's longest word for a heading, of its text for a short one."""
    text = str(sheet.value(row, column) or "")
    return max((len(word) for word in text.split()), default=0) if len(text) > _WIDEST else len(text)
