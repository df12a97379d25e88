"""Text in cells, written so that no spreadsheet ever takes it for a formula."""

import math

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

_LONGEST = 32_767  # letters a cell can hold
_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CHARACTER_PIXELS, _LINE_PIXELS = 6, 17


def cell_at(page: Worksheet, row: int, column: int) -> Cell:
    """Give a cell that is not covered by a merged range."""
    cell = page.cell(row, column)
    assert isinstance(cell, Cell)
    return cell


def put_text(cell: Cell, text: str) -> None:
    """Write a text as text, whatever it looks like."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST]
    cell.data_type = "s"
    quote(cell)


def quote(cell: Cell) -> None:
    """Mark a text that looks like a formula as text, so that it stays one when it is edited or saved as CSV."""
    if cell.data_type == "s" and str(cell.value).startswith(_STARTS):
        cell.quotePrefix = True


def count_lines(text: str, characters: float) -> int:
    """Estimate the lines a text takes where so many characters fit on one."""
    return sum(max(1, math.ceil(len(line) / characters)) for line in text.split("\n"))


def box_height(text: str, width_pixels: int) -> int:
    """Estimate the height in pixels of a box that shows a text whole."""
    return _LINE_PIXELS * (count_lines(text, width_pixels / _CHARACTER_PIXELS) + 1)
