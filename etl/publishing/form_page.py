"""The official form's page: the heading block, the notes and the block that is signed, ready to print."""

from collections.abc import Mapping

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from etl.form_sheet import FormSheet, Part
from etl.publishing.workbook_cells import ALERT, FONT

_PLAIN, _BOLD, _ITALIC = (Font(name=FONT, size=11, bold=b, italic=i) for b, i in ((0, 0), (1, 0), (0, 1)))
_TITLE = Font(name=FONT, size=14, bold=True)
_MOTTO = Font(name=FONT, size=11, bold=True, underline="single")


def dress_page(page: Worksheet, sheet: FormSheet, *, alert: str) -> None:
    """Dress what the form's own layout leaves plain, and prepare the page for print.

    `alert`: a note that begins with it is as loud as the line above the table.
    """
    _dress_block(page, sheet)
    _dress_foot(page, sheet, alert)
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, footer=0.3)
    page.print_area = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows)}"
    page.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="&P/&N"))


def _dress_block(page: Worksheet, sheet: FormSheet) -> None:
    """Dress the lines above the table: two sides, then the title, the period, who is missing, what is counted."""
    titles = sheet.numbers_of(Part.TITLE)
    rights = {top: left for top, left, _, _ in sheet.merges if top in titles and left > 1}
    _dress_sides(page, rights)
    _, title, period, *alerts, counted = (number for number in titles if number not in rights)
    _set(page, title, 1, _TITLE)
    _set(page, period, 1, _ITALIC)
    for number in alerts:
        _set(page, number, 1, ALERT)
    _set(page, counted, 1, _ITALIC, horizontal="right")
    page.row_dimensions[title].height = 24


def _dress_sides(page: Worksheet, rights: Mapping[int, int]) -> None:
    """Dress the rows that have two sides (row → where the right one starts): the state's, the form's."""
    *national, form, _ = rights
    for number, right in rights.items():
        _set(page, number, 1, _BOLD if number in (*national, form) else _PLAIN, vertical="bottom")
        _set(page, number, right, _BOLD if number in national else _PLAIN, vertical="bottom")
    if national:
        page.cell(national[-1], rights[national[-1]]).font = _MOTTO
        page.row_dimensions[form].height = 28


def _dress_foot(page: Worksheet, sheet: FormSheet, alert: str) -> None:
    """Dress the notes, which go across, and the block that is signed, whose right side is merged."""
    foot = sheet.numbers_of(Part.SIGNATURE)
    notes = [top for top, left, _, _ in sheet.merges if top in foot and left == 1]
    for number in notes:
        is_alert = str(page.cell(number, 1).value or "").startswith(alert)
        _set(page, number, 1, ALERT if is_alert else _PLAIN, horizontal="left")
    signed = [(top, left) for top, left, _, _ in sheet.merges if top in foot and left > 1]
    for (number, right), font in zip(signed, (_PLAIN, _ITALIC, _BOLD, _ITALIC), strict=False):
        for column in (2, right):
            _set(page, number, column, font)


def _set(
    page: Worksheet, row: int, column: int, font: Font, *, horizontal: str = "center", vertical: str = "center"
) -> None:
    cell = page.cell(row, column)
    cell.font = font
    cell.alignment = Alignment(horizontal=horizontal, vertical=vertical)
