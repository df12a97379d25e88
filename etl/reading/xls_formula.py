"""Formulas of an old .xls that give nothing to show, and are stored as if they gave 0.

LibreOffice stores 0 for IF(COUNT(D5:F5)=0,"",SUM(D5:F5)) where all three cells are blank. Such a formula names an
empty text and only blank cells: then its 0 is taken for what it shows, nothing. *Source*: [MS-XLS] 2.5.198.
Imports nothing but the standard library, for it runs in the child (`etl/workbook_child.py`).
"""

import struct
from collections.abc import Iterator

Place = tuple[int, int]
"""Row and column, counted from 1."""
Area = tuple[int, int, int, int]
"""First row, last row, first column, last column."""

_TEXT, _ATTRIBUTE, _SHARED = 0x17, 0x19, 0x01
_REF, _AREA, _REF_RELATIVE, _AREA_RELATIVE = 0x24, 0x25, 0x2C, 0x2D
_CHOOSE = 0x04
_BYTES = {_SHARED: 5, 0x1C: 2, 0x1D: 2, 0x1E: 3, 0x1F: 9, 0x21: 3, 0x22: 4, _REF: 5, _AREA: 9}
_BYTES |= {_REF_RELATIVE: 5, _AREA_RELATIVE: 9, **dict.fromkeys(range(0x03, 0x17), 1)}
_MOST_CELLS = 10_000  # named by one formula


def find_named_cells(tokens: bytes, place: Place) -> tuple[Place, ...]:
    """Find the cells that the formula at a place names, if it names an empty text too.

    *Missing*: none where it does not, where it names half a sheet, or holds what is not known here.
    """
    areas: list[Area] = []
    has_empty_text, at = False, 0
    while at < len(tokens):
        token = tokens[at] if tokens[at] < 0x20 else 0x20 | (tokens[at] & 0x1F)
        if token == _TEXT:
            length, is_wide = tokens[at + 1], tokens[at + 2] & 1
            has_empty_text = has_empty_text or length == 0
            at += 3 + length * (1 + is_wide)
        elif token == _ATTRIBUTE:
            count = struct.unpack_from("<H", tokens, at + 2)[0]
            at += 4 + (2 * (count + 1) if tokens[at + 1] & _CHOOSE else 0)
        elif token in _BYTES and token != _SHARED:
            if token in (_REF, _AREA, _REF_RELATIVE, _AREA_RELATIVE):
                areas.append(_area(tokens[at + 1 : at + _BYTES[token]], token, place))
            at += _BYTES[token]
        else:
            return ()
    is_small = sum((bottom - top + 1) * (right - left + 1) for top, bottom, left, right in areas) <= _MOST_CELLS
    return tuple(_cells(areas)) if has_empty_text and is_small else ()


def _cells(areas: list[Area]) -> Iterator[Place]:
    for top, bottom, left, right in areas:
        yield from ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def is_shared(tokens: bytes) -> bool:
    """Tell whether a formula only says that it is that of the first cell of its area."""
    return len(tokens) == _BYTES[_SHARED] and tokens[0] == _SHARED


def _area(body: bytes, token: int, place: Place) -> Area:
    if token in (_REF, _REF_RELATIVE):
        top, left = struct.unpack("<HH", body)
        bottom, right = top, left
    else:
        top, bottom, left, right = struct.unpack("<HHHH", body)
    is_offset = token in (_REF_RELATIVE, _AREA_RELATIVE)
    rows = [_row(row, column, place, is_offset=is_offset) for row, column in ((top, left), (bottom, right))]
    columns = [_column(column, place, is_offset=is_offset) for column in (left, right)]
    return rows[0], rows[1], columns[0], columns[1]


def _row(row: int, column: int, place: Place, *, is_offset: bool) -> int:
    """Give a row counted from 1; in a shared formula a relative one counts from the formula's own."""
    if is_offset and column & 0x8000:
        return (place[0] + row) & 0xFFFF or 1
    return row + 1


def _column(column: int, place: Place, *, is_offset: bool) -> int:
    if is_offset and column & 0x4000:
        return (place[1] + (column & 0xFF)) & 0xFF or 1
    return (column & 0xFF) + 1
