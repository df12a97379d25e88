"""Recognising a form on a sheet by its headings, wherever the table starts and however its header is merged."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import fuzz

from etl.forms import Column, ColumnKind, Edition, Form
from etl.parsing.header_paths import Path, heading_key, read_paths
from etl.parsing.layout import Layout, column_numbers
from etl.reading.grid import Sheet
from etl.same import Same

ROWS_LOOKED_AT = 200
_DEEPEST_HEADER = 5
_LEAST_MEASURES = 3
_ALIKE = 88.0  # of 100, for each heading of a path: one wrong letter, not another word
_ROUGHLY_ALIKE = 60.0  # where the number below the heading says the same


def find_layouts(sheet: Sheet, form: Form, *, start: int = 1) -> list[Layout]:
    """Find the editions a sheet fits equally well from row `start` on; none where it fits no edition."""
    rows = list(_rows_with_headings(sheet, form, start))
    found: list[Layout] = []
    for top in rows:
        paths = [read_paths(sheet, top, depth) for depth in range(1, _DEEPEST_HEADER + 1)]
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
    known = _vocabulary(Same(form))
    texts = (value for row in sheet.rows[:ROWS_LOOKED_AT] for value in row if isinstance(value, str))
    return len({key for text in texts if (key := heading_key(text)) in known})


def _rows_with_headings(sheet: Sheet, form: Form, start: int) -> Iterator[int]:
    """Find rows that a header may begin with: two known headings in it or, under one, in the next row."""
    known = _vocabulary(Same(form))
    hits = [0] * (start + ROWS_LOOKED_AT + 1)
    for number, row in enumerate(sheet.rows[start - 1 : start - 1 + ROWS_LOOKED_AT], start):
        hits[number] = len({key for v in row if isinstance(v, str) and (key := heading_key(v)) in known})
    for number in range(start, start + ROWS_LOOKED_AT):
        if hits[number] >= 2 or (hits[number] and hits[number + 1] >= 2):
            yield number


@lru_cache(maxsize=8)
def _vocabulary(form: Same[Form]) -> frozenset[str]:
    paths = (path for edition in form.value.editions for path in _paths_of(form, edition.name))
    return frozenset(part for path in paths for part in path) - {""}


@lru_cache(maxsize=64)
def _paths_of(form: Same[Form], edition_name: str) -> Mapping[Path, Column]:
    """List the paths that lead to each column of an edition; a plain table may name any measure."""
    edition = form.value.edition(edition_name)
    columns = list(edition.columns)
    if edition.layout == "plain":
        for measure in form.value.measures:
            names = (measure.name, measure.label_vi, measure.label_en)
            columns.append(Column(tuple((name,) for name in names), measure=measure.name, is_optional=True))
    return {tuple(heading_key(part) for part in path): column for column in columns for path in column.headings}


def _fit(form: Form, edition: Edition, paths: Mapping[int, Path], rows: tuple[int, int]) -> Layout:
    """Assign the sheet's columns to the edition's."""
    columns, unknown, doubled = _assign(Same(form), edition.name, tuple(paths.items()))
    return Layout(edition, *rows, columns, unknown, doubled)


@lru_cache(maxsize=1024)
def _assign(
    form: Same[Form], edition_name: str, headed: tuple[tuple[int, Path], ...]
) -> tuple[Mapping[int, Column], tuple[int, ...], tuple[tuple[int, Column], ...]]:
    """Give what each column holds, those of no meaning, and second ones: the sure ones first, then near misses.

    The headings of one form are the same in thousands of files.
    """
    paths, known = dict(headed), _paths_of(form, edition_name)
    columns: dict[int, Column] = {}
    doubled: list[tuple[int, Column]] = []
    for at, path in paths.items():
        column = known.get(path)
        if column in columns.values():
            doubled += [(at, column)] if column else []
        elif column is not None:
            columns[at] = column
    for find in (_find_within, _find_near) if len(columns) >= _LEAST_MEASURES else ():
        for at, path in paths.items():
            near = find(path, known) if path and path not in known and at not in columns else None
            if near is not None and near not in columns.values():
                columns[at] = near
    seen = columns.keys() | {at for at, _ in doubled}
    unknown = tuple(at for at, path in paths.items() if path and at not in seen)
    return columns, unknown, tuple(doubled)


def _find_within(path: Path, known: Mapping[Path, Column]) -> Column | None:
    """Find the one column that a path leads to by its outermost and its lowest heading.

    Levels in between, and outside, count only where they tell columns apart: "Tiếp nhận > Trong kỳ > Tổng số" is
    not "Tiếp nhận > Tổng số", for "Trong kỳ" stands over other columns only.
    """
    meaningful = {part for other in known for part in other}
    while len(path) > 1 and path[0] not in meaningful:
        path = path[1:]
    if len(path) < 2:
        return None
    alike = {column for column in known.values() if _leads_to(path, column, known, meaningful)}
    return alike.pop() if len(alike) == 1 else None


def _leads_to(path: Path, column: Column, known: Mapping[Path, Column], meaningful: set[str]) -> bool:
    own = [other for other, known_column in known.items() if known_column == column and len(other) > 1]
    parts = {part for other in own for part in other}
    begins, ends = any(other[0] == path[0] for other in own), any(other[-1] == path[-1] for other in own)
    return begins and ends and all(part in parts or part not in meaningful for part in path[1:-1])


def _find_near(path: Path, known: Mapping[Path, Column]) -> Column | None:
    near = {c for p, c in known.items() if len(p) == len(path) and _least_likeness(p, path) >= _ALIKE}
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
    below = range(layout.top + 1, layout.bottom + 3)
    row = next((row for row in below if column_numbers(sheet, paths, row)), None)
    if row is None:
        return layout
    columns = dict(layout.columns)
    numbers = column_numbers(sheet, paths, row)
    if all(numbers[at] == column.number for at, column in columns.items() if column.number and at in numbers):
        for at, number in numbers.items():
            column = next((c for c in layout.edition.columns if c.number == number), None)
            is_free = column is not None and at not in columns and column not in columns.values()
            if column is not None and is_free and _is_roughly(form, layout.edition, column, paths.get(at, ())):
                columns[at] = column
    unknown = tuple(at for at in layout.unknown if at not in columns)
    bottom = max(layout.bottom, row)
    return replace(layout, bottom=bottom, columns=columns, unknown=unknown, numbers_row=row, numbers=numbers)


def _is_roughly(form: Form, edition: Edition, column: Column, path: Path) -> bool:
    """Tell whether a path may stand for a column: it is lost, or its lowest heading is not far from the column's."""
    own = [p for p, c in _paths_of(Same(form), edition.name).items() if c == column]
    return not path or any(fuzz.ratio(path[-1], other[-1]) >= _ROUGHLY_ALIKE for other in own)
