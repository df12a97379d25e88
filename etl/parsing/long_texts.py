"""Texts longer than anybody reads: no name, heading, title or note of a report is; and a stranger's cell can be."""

from dataclasses import replace

from etl.reading.grid import Sheet, Value

MOST_LETTERS = 2_000


def cut_long_texts(sheet: Sheet) -> Sheet:
    """Give a sheet whose texts can be looked through in no time, whatever is looked for.

    What begins such a text still says what the cell is; it is reported with its beginning, as all long texts are.
    """
    if all(value.__class__ is not str or len(value) <= MOST_LETTERS for row in sheet.rows for value in row):
        return sheet
    return replace(sheet, rows=tuple(tuple(map(_cut, row)) for row in sheet.rows))


def _cut(value: Value) -> Value:
    if not isinstance(value, str) or len(value) <= MOST_LETTERS:
        return value
    return " ".join(value[: 10 * MOST_LETTERS].split())[:MOST_LETTERS] + "…"
