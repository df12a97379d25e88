"""Where comments open: beside their cells. openpyxl says how large they are, but not where they stand."""

import re
from collections.abc import Callable
from itertools import count

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

_SHAPE = re.compile(
    r"(width:(?P<width>\d+)px;height:(?P<height>\d+)px;(?:(?!</\w+:shape>).)*?)(?P<next><(?P<prefix>\w+):AutoFill>.*?"
    r"<\w+:Row>(?P<row>\d+)</\w+:Row><\w+:Column>(?P<column>\d+)</\w+:Column>)",
    re.DOTALL,
)
_COLUMN_PIXELS, _ROW_PIXELS = 64, 20  # where a sheet does not say
_CHARACTER_PIXELS, _PIXELS_OF_POINT = 7, 96 / 72
_MOST_STEPS = 500
_ASIDE = 12  # pixels between a cell and its comment


def place_notes(shapes: str, page: Worksheet) -> str:
    """Give each comment of a sheet's drawing its place: to the right of its cell, a row higher."""

    def put(match: re.Match[str]) -> str:
        left, top = int(match["column"]) + 1, max(0, int(match["row"]) - 1)
        right, beyond = _reach(left, int(match["width"]) + _ASIDE, lambda at: _column_pixels(page, at))
        bottom, below = _reach(top, int(match["height"]), lambda at: _row_pixels(page, at))
        anchor = f"{left}, {_ASIDE}, {top}, 0, {right}, {beyond}, {bottom}, {below}"
        return f"{match[1]}<{match['prefix']}:Anchor>{anchor}</{match['prefix']}:Anchor>{match['next']}"

    return _SHAPE.sub(put, shapes)


def _reach(start: int, pixels: int, size_of: Callable[[int], int]) -> tuple[int, int]:
    """Go so many pixels from the start of a column or row, counted from 0; give where that ends."""
    for at in count(start):
        size = size_of(at)
        if pixels <= size or at - start > _MOST_STEPS:
            return at, min(pixels, size)
        pixels -= size
    raise AssertionError("unreachable")


def _column_pixels(page: Worksheet, at: int) -> int:
    dimension = page.column_dimensions.get(get_column_letter(at + 1))
    if dimension is None or not dimension.customWidth:
        return _COLUMN_PIXELS
    return 0 if dimension.hidden else round(dimension.width * _CHARACTER_PIXELS + 5)


def _row_pixels(page: Worksheet, at: int) -> int:
    dimension = page.row_dimensions.get(at + 1)
    if dimension is None or not dimension.height:
        return _ROW_PIXELS
    return 0 if dimension.hidden else round(dimension.height * _PIXELS_OF_POINT)
