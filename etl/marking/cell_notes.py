"""Colours and comments at the cells in question; what a ward wrote in its own comments stays."""

from collections.abc import Iterable, Mapping
from copy import copy

from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from etl.marking.job import NOTE_HEAD, Mark, Note
from etl.marking.texts import box_height, cell_at

AUTHOR = "ward-reports"
COLOURS = {Mark.ERROR: "FFFFC7CE", Mark.PROPOSAL: "FFFCD5B4", Mark.WARNING: "FFFFEB9C"}
FILLS = {mark: PatternFill("solid", start_color=colour, end_color=colour) for mark, colour in COLOURS.items()}
_HEADS = {Mark.ERROR: "LỖI", Mark.PROPOSAL: "CÓ LẼ Ô NÀY GHI SAI", Mark.WARNING: "LƯU Ý"}
_WARDS_OWN = "Ghi chú của đơn vị:\n"
_WIDTH_PIXELS = 340


def put_notes(pages: Mapping[str, Worksheet], notes: Iterable[Note]) -> None:
    """Colour each cell by its gravest note and say all its notes in one comment, above what stood there.

    What we put there in an earlier round goes first.
    """
    for page in pages.values():
        _clear_earlier(page)
    gathered: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        if note.sheet in pages:
            cell = _anchor(pages[note.sheet], note.cell)
            gathered.setdefault((note.sheet, cell.coordinate), []).append(note)
    for (sheet, place), at_cell in gathered.items():
        _put(pages[sheet][place], at_cell)


def _anchor(page: Worksheet, place: str) -> Cell:
    """Give a cell, or the first one of the merged range it lies under."""
    cell = page[place]
    if isinstance(cell, MergedCell):
        merged = next(area for area in page.merged_cells.ranges if place in area)
        return cell_at(page, merged.min_row, merged.min_col)
    assert isinstance(cell, Cell)
    return cell


def _clear_earlier(page: Worksheet) -> None:
    for cell in list(page._cells.values()):
        if cell.comment is None:
            continue
        text = cell.comment.text
        if text.startswith(NOTE_HEAD):
            own = text.partition(_WARDS_OWN)[2]
            cell.comment = _comment(own, AUTHOR) if own else None
            cell.fill = PatternFill()
        else:
            cell.comment = _comment(text, cell.comment.author)


def _put(cell: Cell, notes: list[Note]) -> None:
    grave = min((note.mark for note in notes), key=list(Mark).index)
    said = f"{NOTE_HEAD}: {_HEADS[grave]}\n" + "\n\n".join(dict.fromkeys(note.text for note in notes))
    if cell.comment is not None:
        said += f"\n\n{_WARDS_OWN}{cell.comment.text}"
    cell.comment = _comment(said, AUTHOR)
    cell.fill = copy(FILLS[grave])


def _comment(text: str, author: str | None) -> Comment:
    return Comment(text, author or "", height=box_height(text, _WIDTH_PIXELS), width=_WIDTH_PIXELS)
