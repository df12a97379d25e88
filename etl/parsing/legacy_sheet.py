"""A sheet typed in a legacy font, decoded as a whole where that makes its headings those of a form."""

from collections.abc import Callable
from dataclasses import replace

from etl.forms import Form
from etl.parsing.headings import count_known_headings
from etl.parsing.legacy_fonts import decode_tcvn3, decode_vni
from etl.reading.grid import Sheet


def find_readable(sheet: Sheet, form: Form) -> Sheet:
    """Give the sheet as it stands, or as the font would show it that makes most headings known."""
    known = count_known_headings(sheet, form)
    if known > 3 or all(not isinstance(v, str) or v.isascii() for row in sheet.rows[:60] for v in row):
        return sheet
    readings = [sheet, _decoded(sheet, decode_tcvn3), _decoded(sheet, decode_vni)]
    return max(readings, key=lambda reading: count_known_headings(reading, form))


def _decoded(sheet: Sheet, decode: Callable[[str], str]) -> Sheet:
    rows = tuple(tuple(decode(v) if isinstance(v, str) else v for v in row) for row in sheet.rows)
    return replace(sheet, rows=rows)
