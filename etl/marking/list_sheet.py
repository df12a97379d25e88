"""The first sheet of a marked workbook: every finding in plain words, with a link to its cell."""

from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from etl.marking.cell_notes import FILLS
from etl.marking.job import LIST_HEADINGS, LIST_NAME, Line, Listing, is_list
from etl.marking.texts import cell_at, count_lines, put_text

_FONT = "Times New Roman"
_WIDTHS = (6, 10, 15, 22, 16, 18, 24, 72)
_LAST = get_column_letter(len(_WIDTHS))
_CENTRED = frozenset({1, 2, 3, 5, 6})  # numbers, words and cells
_HEAD_FILL = PatternFill("solid", start_color="FFDDEBF7", end_color="FFDDEBF7")
_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_LINE_POINTS = 15.5
_LEGEND_AT = (2, 4, 6)  # the columns in which its parts begin, two wide each


def drop_earlier_list(book: Workbook) -> None:
    """Take out the list of an earlier round, which a ward sent back with its corrections."""
    for page in list(book.worksheets):
        if len(book.worksheets) > 1 and is_list(page.title, list(page.iter_rows(max_row=20, values_only=True))):
            book.remove(page)


def put_list(book: Workbook, pages: Mapping[str, Worksheet], listing: Listing) -> None:
    """Add the list as the first sheet, and open the workbook there."""
    sheet = book.create_sheet(LIST_NAME, 0)  # made unique by the library
    row = _put_head(sheet, listing)
    _put_headings(sheet, row)
    for number, line in enumerate(listing.lines, row + 1):
        _put_line(sheet, number, line, pages)
    if listing.more:
        _put_sentence(sheet, row + len(listing.lines) + 1, listing.more)
    for index, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    _prepare_print(sheet, row)
    _open_first(book)


def _put_head(sheet: Worksheet, listing: Listing) -> int:
    """Write title, sentences and legend; give the row that comes next."""
    _put_sentence(sheet, 1, listing.title, size=15, bold=True)
    for row, sentence in enumerate(listing.sentences, 2):
        _put_sentence(sheet, row, sentence, bold=row == 3)
    row = len(listing.sentences) + 2
    for column, (mark, meaning) in zip(_LEGEND_AT, listing.legend, strict=True):
        cell = cell_at(sheet, row, column)
        put_text(cell, meaning)
        cell.font, cell.fill = Font(name=_FONT, size=11), FILLS[mark]
        cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + 1)
    sheet.row_dimensions[row].height = 20
    sheet.row_dimensions[row + 1].height = 8
    return row + 2


def _put_sentence(sheet: Worksheet, row: int, text: str, *, size: int = 12, bold: bool = False) -> None:
    cell = cell_at(sheet, row, 1)
    put_text(cell, text)
    cell.font = Font(name=_FONT, size=size, bold=bold)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.merge_cells(f"A{row}:{_LAST}{row}")
    sheet.row_dimensions[row].height = (size + 6) * count_lines(text, sum(_WIDTHS) * 0.9)


def _put_headings(sheet: Worksheet, row: int) -> None:
    for column, heading in enumerate(LIST_HEADINGS, 1):
        cell = cell_at(sheet, row, column)
        put_text(cell, heading)
        cell.font, cell.fill, cell.border = Font(name=_FONT, size=11, bold=True), _HEAD_FILL, _BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[row].height = 2 * _LINE_POINTS
    sheet.freeze_panes = f"A{row + 1}"


def _put_line(sheet: Worksheet, row: int, line: Line, pages: Mapping[str, Worksheet]) -> None:
    for column, text in enumerate(line.texts, 1):
        cell = cell_at(sheet, row, column)
        put_text(cell, text)
        cell.font, cell.border = Font(name=_FONT, size=11), _BOX
        is_left = column not in _CENTRED
        sideways = "left" if is_left else "center"
        cell.alignment = Alignment(horizontal=sideways, vertical="center", wrap_text=True, indent=int(is_left))
    cell_at(sheet, row, 2).fill = FILLS[line.mark]
    lines = max(count_lines(text, 1.1 * width) for text, width in zip(line.texts, _WIDTHS, strict=True))
    sheet.row_dimensions[row].height = min(400.0, _LINE_POINTS * lines + 4)
    if line.cell and line.sheet and line.sheet in pages:
        _link(cell_at(sheet, row, 3), pages[line.sheet], line.cell)


def _link(cell: Cell, page: Worksheet, place: str) -> None:
    """Lead to a cell of this workbook: a location, not an address, so that no program asks before it follows."""
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quote_sheetname(page.title)}!{place}")
    cell.font = Font(name=_FONT, size=11, color="FF0563C1", underline="single")


def _prepare_print(sheet: Worksheet, headings: int) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.print_title_rows = f"{headings}:{headings}"
    sheet.sheet_view.showGridLines = False


def _open_first(book: Workbook) -> None:
    """Show the list on opening, and no other sheet selected with it: typing would go into all of them."""
    for number, page in enumerate(book.worksheets):
        page.sheet_view.tabSelected = number == 0
    for chart in book.chartsheets:
        for view in chart.sheetViews.sheetView if chart.sheetViews else ():
            view.tabSelected = False
    for window in book.views:
        window.firstSheet = 0
    book.active = 0
