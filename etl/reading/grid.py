"""A sheet as cells: what every kind of file becomes before anybody looks for a report in it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Value = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows and columns count from 1, both corners are inside."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cells from A1 on, with what the workbook says about them.

    *Shape*: rows need not be equally long. *Missing*: None is a cell with nothing in it.
    `uncached` are formulas stored without a value: they look blank and are not.
    """

    name: str
    rows: tuple[tuple[Value, ...], ...]
    is_visible: bool = True
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    uncached: frozenset[tuple[int, int]] = frozenset()

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)

    def row(self, number: int) -> tuple[Value, ...]:
        """Give the cells of a row counted from 1; none outside the sheet."""
        return self.rows[number - 1] if 1 <= number <= len(self.rows) else ()

    def value(self, row: int, column: int) -> Value:
        """Give the value at a place counted from 1; None outside the sheet."""
        if not 1 <= row <= len(self.rows) or not 1 <= column <= len(self.rows[row - 1]):
            return None
        return self.rows[row - 1][column - 1]


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a file, and when it says it was last saved (without a zone where it names none)."""

    sheets: tuple[Sheet, ...]
    saved_at: datetime | None = None


def column_letters(column: int) -> str:
    """Name a column as spreadsheets do: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Name a cell as spreadsheets do: row 5, column 3 is C5."""
    return f"{column_letters(column)}{row}"


def as_text(value: Value) -> str:
    """Give a cell as text: a year or a code that a spreadsheet made a number has no decimal point."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.strip() if isinstance(value, str) else str(value)
