"""Where an edition's columns stand on a sheet, and which rows only repeat or number its headings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from etl.forms import Column, ColumnKind, Edition
from etl.model import Statement
from etl.parsing.counts import parse_count
from etl.parsing.header_paths import heading_key
from etl.reading.csv_sheet import SHEET_NAME
from etl.reading.grid import Sheet, Value

_LEAST_REPEATED = 3
_COLUMN_NUMBER = re.compile(r"\s*[(\[]?\s*(\d{1,2})\s*[)\]]?\s*(?:=.*)?")
_LETTERED = re.compile(r"\s*\(?[A-ZĐ]\)?\s*")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an edition's columns stand on a sheet.

    `top`, `bottom`: the first and last row of the headings. `columns`: sheet column → what it holds.
    `unknown` are headed columns of no meaning, `doubled` second columns for the same thing.
    `numbers`: sheet column → the number printed below its headings.
    """

    edition: Edition
    top: int
    bottom: int
    columns: Mapping[int, Column]
    unknown: tuple[int, ...]
    doubled: tuple[tuple[int, Column], ...]
    numbers_row: int | None = None
    numbers: Mapping[int, int] = field(default_factory=dict)

    @property
    def measures(self) -> dict[str, int]:
        return {column.measure: at for at, column in self.columns.items() if column.measure}

    @property
    def missing(self) -> tuple[Column, ...]:
        present = set(self.columns.values())
        needed = (c for c in self.edition.columns if not c.is_optional and c.kind is not ColumnKind.ROW_NUMBER)
        return tuple(column for column in needed if column not in present)

    def at(self, kind: ColumnKind) -> int | None:
        """Give the first column of a kind that is no measure."""
        return min((at for at, column in self.columns.items() if column.kind is kind), default=None)

    def has_content(self, sheet: Sheet, at: int) -> bool:
        """Tell whether anything stands in a column below its headings."""
        return any(sheet.value(row, at) is not None for row in range(self.bottom + 1, sheet.height + 1))

    def stray_values(self, sheet: Sheet, row: int) -> Iterator[tuple[int, Value]]:
        """Give what stands in a row outside every headed column."""
        headed = self.columns.keys() | set(self.unknown) | {at for at, _ in self.doubled}
        cells = enumerate(sheet.rows[row - 1], 1)
        return ((at, value) for at, value in cells if value is not None and at not in headed)

    def is_overfull(self, sheet: Sheet, row: int) -> bool:
        """Tell whether a CSV row runs on past the headings, as "1,297" without quotes makes it: its figures moved."""
        headed = self.columns.keys() | set(self.unknown) | {at for at, _ in self.doubled}
        beyond = [value for at, value in self.stray_values(sheet, row) if at > max(headed)]
        filled = sum(value is not None for value in sheet.rows[row - 1])
        has_moved = filled > len(headed) or any(parse_count(value).statement is Statement.NUMBER for value in beyond)
        return sheet.name == SHEET_NAME and bool(beyond) and has_moved

    @property
    def contradicted(self) -> dict[int, int]:
        """Give the columns whose printed number is out of order with their headings: column → number.

        A form may number its columns in its own way; only the order of the numbers says anything.
        """
        own = {at: (column.number, self.numbers[at]) for at, column in self.columns.items() if at in self.numbers}
        pairs = {at: (known, printed) for at, (known, printed) in own.items() if known}
        return {
            at: printed
            for at, (known, printed) in pairs.items()
            if known != printed and any((known - k) * (printed - p) < 0 for k, p in pairs.values())
        }

    @property
    def rank(self) -> tuple[int, int, int]:
        """Compare layouts: more measures, fewer missing columns, fewer unknown ones."""
        return len(self.measures), -len(self.missing), -len(self.unknown)


def repeats_heading(sheet: Sheet, layout: Layout, row: int) -> bool:
    """Tell whether a row below the header prints it again, as pages do, or numbers the columns."""
    texts = [(at, value) for at, value in enumerate(sheet.row(row), 1) if isinstance(value, str) and len(value) > 1]
    same = 0
    for at, text in texts if len(texts) >= _LEAST_REPEATED else ():
        if at not in layout.columns:
            continue
        heads = (sheet.value(above, at) for above in range(layout.top, layout.bottom + 1))
        same += any(isinstance(head, str) and heading_key(head) == heading_key(text) != "" for head in heads)
    return same >= _LEAST_REPEATED or bool(column_numbers(sheet, layout.columns, row))


def column_numbers(sheet: Sheet, columns: Iterable[int], row: int) -> dict[int, int]:
    """Read a row as the numbers of the columns, "(1) (2) (3)=(4)+(5)"; empty where it is no such row."""
    cells = sheet.row(row)
    numbers: dict[int, int] = {}
    is_marked = False
    for at in sorted(columns):
        value = cells[at - 1] if at <= len(cells) else None
        if value is None:
            continue
        if (number := _column_number(value)) is not None:
            numbers[at] = number
        elif not isinstance(value, str) or not _LETTERED.fullmatch(value):  # a row of figures, as most are
            return {}
        is_marked = is_marked or (isinstance(value, str) and not value.strip().isdigit())
    inside = list(numbers.values())
    is_counted = inside == list(range(1, len(inside) + 1)) or (is_marked and len(set(inside)) == len(inside))
    return numbers if len(inside) >= _LEAST_REPEATED and is_counted else {}


def _column_number(value: object) -> int | None:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return int(value) if 1 <= value <= 99 and value == int(value) else None
    match = _COLUMN_NUMBER.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) if match else None
