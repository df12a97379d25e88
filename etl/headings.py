"""Recognising a form on a sheet by its headings, wherever the table starts and however its header is merged."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from etl.forms import Column, ColumnKind, Edition, Form
from etl.grid import Sheet
from etl.names import plain_key

Path = tuple[str, ...]
"""The headings over a column, outermost first, reduced to plain words."""

ROWS_LOOKED_AT = 200
_DEEPEST_HEADER = 5
_LEAST_MEASURES = 3
_ALIKE = 88.0  # of 100, for each heading of a path: one wrong letter, not another word
_ROUGHLY_ALIKE = 60.0  # where the number below the heading says the same
_NUMBERING = re.compile(r"^(?:\d+ )+|(?: \d+)+$|^\d+$")
_COLUMN_NUMBER = re.compile(r"\s*[(\[]?\s*(\d{1,2})\s*[)\]]?\s*(?:=.*)?")
_LETTERED = re.compile(r"\s*\(?[A-ZĐ]\)?\s*")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an edition's columns stand on a sheet.

    `top`, `bottom`: the first and last row of the headings. `columns`: sheet column → what it holds.
    `unknown` are headed columns of no meaning, `doubled` second columns for the same thing.
    """

    edition: Edition
    top: int
    bottom: int
    columns: Mapping[int, Column]
    unknown: tuple[int, ...]
    doubled: tuple[tuple[int, Column], ...]
    numbers_row: int | None = None

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
        return next((at for at, column in sorted(self.columns.items()) if column.kind is kind), None)

    def has_content(self, sheet: Sheet, at: int) -> bool:
        """Tell whether anything stands in a column below its headings."""
        return any(sheet.value(row, at) is not None for row in range(self.bottom + 1, sheet.height + 1))

    @property
    def rank(self) -> tuple[int, int, int]:
        """Compare layouts: more measures, fewer missing columns, fewer unknown ones."""
        return len(self.measures), -len(self.missing), -len(self.unknown)


def find_layouts(sheet: Sheet, form: Form) -> list[Layout]:
    """Find the editions a sheet fits equally well; none where it fits no edition."""
    rows = list(_rows_with_headings(sheet, form))
    found: list[Layout] = []
    for top in rows:
        paths = [_paths(sheet, top, depth) for depth in range(1, _DEEPEST_HEADER + 1)]
        for edition in form.editions:
            deepest = 1 if edition.layout == "plain" else _DEEPEST_HEADER
            for depth, columns in enumerate(paths[:deepest], 1):
                layout = _fit(form, edition, columns, (top, top + depth - 1))
                if _is_enough(layout):
                    found.append(_with_numbers(sheet, form, layout, columns))
    if not found:
        return []
    best = max(layout.rank for layout in found)
    firsts = {layout.edition.name: layout for layout in reversed(found) if layout.rank == best}
    return [_with_filled_columns(sheet, layout) for layout in firsts.values()]


def _with_filled_columns(sheet: Sheet, layout: Layout) -> Layout:
    """Of two columns under one heading, as a merge over a spacer makes them, take the one that is filled."""
    columns, doubled = dict(layout.columns), []
    for at, column in layout.doubled:
        first = next(other for other, known in columns.items() if known == column)
        if not layout.has_content(sheet, at):
            continue
        if not layout.has_content(sheet, first):
            del columns[first]
            columns[at] = column
        else:
            doubled.append((at, column))
    return replace(layout, columns=dict(sorted(columns.items())), doubled=tuple(doubled))


def count_known_headings(sheet: Sheet, form: Form) -> int:
    """Count the different headings of the form that stand anywhere near the top of a sheet."""
    known = _vocabulary(form)
    texts = (value for row in sheet.rows[:ROWS_LOOKED_AT] for value in row if isinstance(value, str))
    return len({key for text in texts if (key := heading_key(text[:300])) in known})


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """Reduce a heading to plain words without its number: "1. Tổng số (3)" is "tong so"."""
    return _NUMBERING.sub("", plain_key(text.replace("_", " ")))


def repeats_heading(sheet: Sheet, layout: Layout, row: int) -> bool:
    """Tell whether a row below the header prints it again, as pages do, or numbers the columns."""
    same = 0
    for at in layout.columns:
        value = sheet.value(row, at)
        if isinstance(value, str) and len(value) > 1:
            heads = (sheet.value(above, at) for above in range(layout.top, layout.bottom + 1))
            same += any(isinstance(head, str) and heading_key(head) == heading_key(value) != "" for head in heads)
    return same >= _LEAST_MEASURES or bool(column_numbers(sheet, layout.columns, row))


def column_numbers(sheet: Sheet, columns: Iterable[int], row: int) -> dict[int, int]:
    """Read a row as the numbers of the columns, "(1) (2) (3)=(4)+(5)"; empty where it is no such row."""
    filled = [(at, value) for at in sorted(columns) if (value := sheet.value(row, at)) is not None]
    numbers = {at: number for at, value in filled if (number := _column_number(value)) is not None}
    lettered = sum(isinstance(value, str) and bool(_LETTERED.fullmatch(value)) for _, value in filled)
    inside = list(numbers.values())
    is_marked = any(isinstance(value, str) and not value.strip().isdigit() for _, value in filled)
    is_counted = inside == list(range(1, len(inside) + 1)) or is_marked
    is_row = len(inside) >= _LEAST_MEASURES and len(inside) + lettered == len(filled) and is_counted
    return numbers if is_row and all(a < b for a, b in pairwise(inside)) else {}


def _column_number(value: object) -> int | None:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return int(value) if value == int(value) and 1 <= value <= 99 else None
    match = _COLUMN_NUMBER.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) if match else None


def _rows_with_headings(sheet: Sheet, form: Form) -> Iterator[int]:
    """Find rows that a header may begin with: two known headings in it or, under one, in the next row."""
    known = _vocabulary(form)
    hits = [0] * (ROWS_LOOKED_AT + 2)
    for number, row in enumerate(sheet.rows[:ROWS_LOOKED_AT], 1):
        hits[number] = len({key for v in row if isinstance(v, str) and (key := heading_key(v[:300])) in known})
    for number in range(1, ROWS_LOOKED_AT + 1):
        if hits[number] >= 2 or (hits[number] and hits[number + 1] >= 2):
            yield number


@lru_cache(maxsize=8)
def _vocabulary(form: Form) -> frozenset[str]:
    paths = (path for edition in form.editions for path in _paths_of(form, edition))
    return frozenset(part for path in paths for part in path) - {""}


@lru_cache(maxsize=64)
def _paths_of(form: Form, edition: Edition) -> Mapping[Path, Column]:
    """List the paths that lead to each column of an edition; a plain table may name any measure."""
    columns = list(edition.columns)
    if edition.layout == "plain":
        for measure in form.measures:
            names = (measure.name, measure.label_vi, measure.label_en)
            columns.append(Column(tuple((name,) for name in names), measure=measure.name, is_optional=True))
    return {tuple(heading_key(part) for part in path): column for column in columns for path in column.headings}


def _paths(sheet: Sheet, top: int, depth: int) -> dict[int, Path]:
    """Read the header's path over each column, through merges and, where nothing is merged, from the left."""
    bottom = min(top + depth - 1, sheet.height)
    width = max((len(sheet.rows[row - 1]) for row in range(top, bottom + 1)), default=0)
    texts = [[_text(sheet, row, at) for at in range(1, width + 1)] for row in range(top, bottom + 1)]
    _fill_merges(sheet, texts, top)
    _fill_from_left(texts)
    paths: dict[int, Path] = {}
    for at in range(width):
        levels = [level[at] for level in texts if level[at]]
        paths[at + 1] = tuple(key for i, key in enumerate(levels) if i == 0 or key != levels[i - 1])
    return paths


def _text(sheet: Sheet, row: int, at: int) -> str:
    value = sheet.value(row, at)
    return heading_key(value[:300]) if isinstance(value, str) else ""


def _fill_merges(sheet: Sheet, texts: list[list[str]], top: int) -> None:
    for merge in sheet.merges:
        first, last = max(merge.top, top), min(merge.bottom, top + len(texts) - 1)
        if first > last or merge.top < top:
            continue
        for level in texts[first - top : last - top + 1]:
            for at in range(merge.left, min(merge.right, len(level)) + 1):
                level[at - 1] = level[at - 1] or texts[merge.top - top][merge.left - 1]


def _fill_from_left(texts: list[list[str]]) -> None:
    """Extend a heading to the right over blanks that have a heading of their own below, as exports to CSV need."""
    for depth, level in enumerate(texts[:-1]):
        for at in range(1, len(level)):
            has_lower = any(lower[at] for lower in texts[depth + 1 :])
            same_parent = all(upper[at] == upper[at - 1] for upper in texts[:depth])
            starts_group = any(lower[at - 1] for lower in texts[depth + 1 :])
            if not level[at] and level[at - 1] and has_lower and same_parent and starts_group:
                level[at] = level[at - 1]


def _fit(form: Form, edition: Edition, paths: Mapping[int, Path], rows: tuple[int, int]) -> Layout:
    """Assign the sheet's columns to the edition's: the sure ones first, near misses to what is left."""
    known = _paths_of(form, edition)
    columns: dict[int, Column] = {}
    doubled: list[tuple[int, Column]] = []
    for at, path in paths.items():
        column = known.get(path) or _find_within(path, known)
        if column is None:
            continue
        if column in columns.values():
            doubled.append((at, column))
        else:
            columns[at] = column
    seen = columns.keys() | {at for at, _ in doubled}
    for at, path in paths.items() if len(columns) >= _LEAST_MEASURES else ():
        near = None if at in seen or not path else _find_near(path, known, _ALIKE)
        if near is not None and near not in columns.values():
            columns[at] = near
    unknown = tuple(at for at, path in paths.items() if path and at not in columns and at not in seen)
    return Layout(edition, *rows, columns, unknown, tuple(doubled))


def _find_within(path: Path, known: Mapping[Path, Column]) -> Column | None:
    """Find the one column whose path is this one with levels added or left out between first and last."""
    if len(path) < 2:
        return None
    alike = {
        c for p, c in known.items() if p[-1] == path[-1] and len(p) > 1 and (_is_part(p, path) or _is_part(path, p))
    }
    return alike.pop() if len(alike) == 1 else None


def _is_part(short: Path, long: Path) -> bool:
    rest = iter(long)
    return all(part in rest for part in short)


def _find_near(path: Path, known: Mapping[Path, Column], alike: float) -> Column | None:
    near = {c for p, c in known.items() if len(p) == len(path) and _least_likeness(p, path) >= alike}
    return near.pop() if len(near) == 1 else None


def _least_likeness(one: Path, other: Path) -> float:
    return min(fuzz.ratio(a, b) for a, b in zip(one, other, strict=True))


def _is_enough(layout: Layout) -> bool:
    """Tell whether the headings found are enough to say that the sheet is this edition."""
    kinds = {column.kind for column in layout.columns.values()}
    if layout.edition.layout == "plain":
        return bool(layout.measures) and bool(kinds & {ColumnKind.UNIT, ColumnKind.PERIOD})
    return len(layout.measures) >= max(_LEAST_MEASURES, len(layout.edition.measures) // 2)


def _with_numbers(sheet: Sheet, form: Form, layout: Layout, paths: Mapping[int, Path]) -> Layout:
    """Use the row of column numbers to place columns whose headings are unclear, if it agrees with all others."""
    if layout.edition.layout == "plain":
        return layout
    for row in range(layout.top + 1, layout.bottom + 3):
        numbers = column_numbers(sheet, paths, row)
        if numbers:
            break
    else:
        return layout
    columns = dict(layout.columns)
    if all(numbers.get(at) == column.number for at, column in columns.items() if column.number and at in numbers):
        known = _paths_of(form, layout.edition)
        for at, number in numbers.items():
            column = next((c for c in layout.edition.columns if c.number == number), None)
            if at not in columns and column is not None and column not in columns.values():
                alike = {p: c for p, c in known.items() if c == column}
                if not paths.get(at) or _find_near(paths[at], alike, _ROUGHLY_ALIKE):
                    columns[at] = column
    unknown = tuple(at for at in layout.unknown if at not in columns)
    return Layout(layout.edition, layout.top, max(layout.bottom, row), columns, unknown, layout.doubled, row)
