"""Lay out a form on a sheet, wholly from the data of its edition: pure, no file is written here."""

from collections.abc import Iterable
from itertools import groupby

from openpyxl.utils import get_column_letter

from etl.form_sheet import (
    NOTHING,
    OFFICIAL,
    FormSheet,
    Formula,
    Numbers,
    Part,
    Row,
    Totals,
    Wording,
    checks_of,
    sums_of,
)
from etl.forms import Column, ColumnKind, Edition
from etl.model import WARD_KINDS, Unit
from etl.parsing.form_code import compose_code
from etl.periods import Period
from etl.reference import Reference

_SPARES = 3  # rows for fields that are not listed


def compose_form(
    reference: Reference,
    edition: Edition,
    *,
    unit: Unit,
    period: Period,
    rows: Iterable[Row],
    wording: Wording = OFFICIAL,
) -> FormSheet:
    """Lay out a report as the edition prints it: titles, header, rows, total, signature."""
    listed = list(rows)
    if edition.layout == "plain":
        return _plain_table(reference, edition, (unit.code, period.key), listed, wording)
    columns = tuple(c for c in edition.columns if wording.has_notes or not c.is_optional)
    writer = _Writer(reference, columns, wording)
    writer.add_titles(compose_titles(reference, edition, unit, period) if wording.titles is None else wording.titles)
    if wording.is_template:
        writer.add_code(compose_code(unit, period, edition))
    writer.add_header()
    writer.add_body(listed)
    writer.add_signature()
    return writer.sheet()


def compose_titles(reference: Reference, edition: Edition, unit: Unit, period: Period) -> tuple[str, ...]:
    """Say above the table whose report it is, on which form, for which days."""
    name = compose_reporter(unit)
    return (
        name.upper(),
        edition.title,
        reference.form.title_vi.upper(),
        compose_period(period),
        f"Đơn vị báo cáo: {name}",
        "Đơn vị tính: hồ sơ",
    )


def compose_reporter(unit: Unit) -> str:
    """Name the authority that signs: a ward's people's committee, or the desk itself."""
    return f"UBND {unit.full_name}" if unit.kind in WARD_KINDS else unit.full_name


def compose_period(period: Period) -> str:
    """Write a period in words and days: Tháng 4 năm 2022 (Từ ngày 15/3/2022 đến ngày 14/4/2022)."""
    start, end = (f"{day.day}/{day.month}/{day.year}" for day in (period.start, period.end))
    days = f"Từ ngày {start} đến ngày {end}"
    words = _period_words(period.key)
    return f"{words} ({days})" if words else days


def _period_words(key: str) -> str:
    """Name a period whose key has a usual name; "" for a mere span of days."""
    if "/" in key:
        first, last = key.split("/")
        is_run_from_january = first.endswith("-01") and first[:4] == last[:4] and len(last) == 7
        return f"{int(last[5:])} tháng đầu năm {last[:4]}" if is_run_from_january and len(first) == 7 else ""
    year, _, rest = key.partition("-")
    if not rest:
        return f"Năm {year}"
    if rest.startswith("Q"):
        return f"Quý {('I', 'II', 'III', 'IV')[int(rest[1:]) - 1]} năm {year}"
    if rest.startswith("H"):
        return f"6 tháng {'đầu' if rest == 'H1' else 'cuối'} năm {year}"
    return f"Tháng {int(rest)} năm {year}"


def _plain_table(
    reference: Reference, edition: Edition, key: tuple[str, str], rows: list[Row], wording: Wording
) -> FormSheet:
    """Put each row under one heading row, with the unit's code and the period's key in front."""
    measures = [name for name in reference.form.measure_names if any(name in row for row in rows)]
    kinds = [ColumnKind.UNIT, ColumnKind.PERIOD, ColumnKind.FIELD, ColumnKind.SOURCE_SYSTEM]
    kept = [c for kind in kinds for c in edition.columns if c.kind is kind]
    columns = (*kept, *(Column(((name,),), measure=name) for name in measures))
    heading = tuple(column.headings[0][0] for column in columns)
    lines = [
        (
            *key,
            _field_name(reference, wording, row),
            row.get("source_system"),
            *(_shown(row.get(measure), wording) for measure in measures),
        )
        for row in rows
    ]
    parts = (Part.HEADING, *(Part.FIELD for _ in rows))
    return FormSheet(wording.sheet_name, (heading, *lines), parts, (), columns)


def _field_name(reference: Reference, wording: Wording, row: Row) -> str | None:
    """Print a field's code as its name, and any other text as it is."""
    code = str(row.get("field") or "")
    known = reference.field(code)
    return wording.field_names.get(code, known.name if known else code) or None


def _shown(value: object, wording: Wording) -> object:
    return wording.show(value) if isinstance(value, int) else value


class _Writer:
    """Put the sheet together from top to bottom."""

    def __init__(self, reference: Reference, columns: tuple[Column, ...], wording: Wording) -> None:
        self.reference, self.columns, self.wording = reference, columns, wording
        self.sums = sums_of(reference.form, columns)
        self.at = {c.measure: i for i, c in enumerate(columns, 1) if c.measure}
        self.rows: list[tuple[object, ...]] = []
        self.parts: list[Part] = []
        self.merges: list[tuple[int, int, int, int]] = []

    def sheet(self) -> FormSheet:
        rows, parts, merges = tuple(self.rows), tuple(self.parts), tuple(self.merges)
        checks = checks_of(self.reference.form, self.columns)
        return FormSheet(
            self.wording.sheet_name,
            rows,
            parts,
            merges,
            self.columns,
            sums=self.sums,
            checks=checks,
            openings=frozenset(roll.opening for roll in self.reference.form.roll_forwards),
            is_template=self.wording.is_template,
        )

    def add(self, part: Part, cells: Iterable[object] = ()) -> int:
        filled = tuple(cells)
        self.rows.append(filled + (None,) * (len(self.columns) - len(filled)))
        self.parts.append(part)
        return len(self.rows)

    def add_titles(self, titles: Iterable[str]) -> None:
        for title in titles:
            row = self.add(Part.TITLE, [title])
            self.merges.append((row, 1, row, len(self.columns)))

    def add_code(self, code: str) -> None:
        """Say in a line of its own whose form it is, for the program that reads it back."""
        row = self.add(Part.CODE, [code])
        self.merges.append((row, 1, row, len(self.columns)))

    def add_header(self) -> None:
        """Print the headings' paths, merging across what they share and down where they are short."""
        paths = [_heading_path(column, self.wording.headings) for column in self.columns]
        depth, top = max(map(len, paths)), len(self.rows) + 1
        for level in range(depth):
            row = self.add(Part.HEADING)
            cells: list[object] = []
            for prefix, same in groupby(paths, key=lambda path: path[: level + 1]):
                width, left = len(list(same)), len(cells) + 1
                is_new = len(prefix) == level + 1
                cells += [prefix[level] if is_new else None, *[None] * (width - 1)]
                ends = top + depth - 1 if is_new and any(p == prefix for p in paths) else row
                if is_new and (ends, width) != (row, 1):
                    self.merges.append((row, left, ends, left + width - 1))
            self.rows[row - 1] = tuple(cells)
        if self.wording.numbers is not Numbers.ABSENT:
            self.add(Part.NUMBER, [self._number(column) for column in self.columns])

    def add_body(self, rows: list[Row]) -> None:
        first, figures = len(self.rows) + 1, [row for row in rows if row.get("kind", "field") == "field"]
        systems = list(dict.fromkeys(str(row.get("source_system") or "") for row in rows))
        for number, system in enumerate(sorted(systems, key=bool)):
            if system:
                self.add(Part.SECTION, [_roman(number + ("" not in systems)), self._section_name(system)])
            listed = [row for row in rows if str(row.get("source_system") or "") == system]
            self._add_rows(listed)
            self._add_spares(len(listed))
        if self.wording.totals is not Totals.ABSENT:
            self._add_total(figures, first)

    def add_signature(self) -> None:
        if self.wording.signature:
            self.add(Part.SIGNATURE)
        for left, right in self.wording.signature:
            middle = len(self.columns) // 2 + 1
            cells: list[object] = [None] * len(self.columns)
            cells[1], cells[middle] = left or None, right or None
            self.add(Part.SIGNATURE, cells)

    def _add_rows(self, rows: list[Row]) -> None:
        number = 0
        for row in rows:
            is_group = row.get("kind") == "group"
            number += not is_group
            cells = [self._cell(column, row, None if is_group else number) for column in self.columns]
            self.add(Part.GROUP if is_group else Part.FIELD, cells)

    def _add_spares(self, listed: int) -> None:
        """Leave room for fields that are not listed; such a row is numbered when it is named."""
        for number in range(listed + 1, listed + 1 + _SPARES * self.wording.is_template):
            cells = [self._cell(column, {}, number) for column in self.columns]
            name = next(at for at, column in enumerate(self.columns, 1) if column.kind is ColumnKind.FIELD)
            if self.columns[0].kind is ColumnKind.ROW_NUMBER:
                place = f"{get_column_letter(name)}{len(self.rows) + 1}"
                cells[0] = Formula(f'IF({place}="","{NOTHING}",{number})', NOTHING)
            self.add(Part.SPARE, cells)

    def _add_total(self, rows: list[Row], first: int) -> None:
        last, typed = len(self.rows), self.wording.total
        cells: list[object] = [None] * len(self.columns)
        cells[1] = self.wording.total_label
        for measure, column in self.at.items():
            counts = [value for row in rows if isinstance(value := self._value(row, measure), int)]
            if typed is not None and measure in typed:
                cells[column - 1] = _shown(typed[measure], self.wording)
            elif self._has_formulas:
                letter = get_column_letter(column)
                cells[column - 1] = self._sum(f"{letter}{first}:{letter}{max(first, last)}", counts)
            else:
                cells[column - 1] = _shown(sum(counts), self.wording)
        self.add(Part.TOTAL, cells)

    def _cell(self, column: Column, row: Row, number: int | None) -> object:
        if column.kind is ColumnKind.ROW_NUMBER:
            return number
        if column.kind is ColumnKind.FIELD:
            return _field_name(self.reference, self.wording, row)
        if column.kind is ColumnKind.NOTE:
            return row.get("note")
        if number is None or column.measure is None:
            return None
        if self._has_formulas and column.measure in self.sums:
            places = [f"{get_column_letter(self.at[m])}{len(self.rows) + 1}" for m in self.sums[column.measure]]
            return self._sum(",".join(places), self._parts(row, column.measure))
        return _shown(row.get(column.measure), self.wording)

    def _value(self, row: Row, measure: str) -> object:
        """Give what a cell holds, or what its formula gives."""
        if self._has_formulas and measure in self.sums:
            parts = self._parts(row, measure)
            return sum(parts) if parts else None
        return row.get(measure)

    def _parts(self, row: Row, measure: str) -> list[int]:
        return [value for part in self.sums[measure] if isinstance(value := row.get(part), int)]

    @property
    def _has_formulas(self) -> bool:
        return self.wording.totals in (Totals.FORMULAS, Totals.UNCALCULATED)

    def _sum(self, places: str, counts: list[int]) -> Formula:
        """Add up, but leave blank what has no figure yet: an empty form must not say 0."""
        text = f'IF(COUNT({places})=0,"{NOTHING}",SUM({places}))'
        value = sum(counts) if counts else NOTHING
        return Formula(text, None if self.wording.totals is Totals.UNCALCULATED else value)

    def _section_name(self, code: str) -> str:
        known = next((s.label_vi for s in self.reference.source_systems if s.code == code), code)
        return self.wording.section_names.get(code, known)

    def _number(self, column: Column) -> str | None:
        parts = self.sums.get(column.measure or "", ())
        if column.number is None or self.wording.numbers is Numbers.PLAIN or not parts:
            return f"({column.number})" if column.number is not None else None
        printed = {c.measure: c.number for c in self.columns}
        return f"({column.number})=" + "+".join(f"({printed[part]})" for part in parts)


def _heading_path(column: Column, preferred: frozenset[str]) -> tuple[str, ...]:
    return next((path for path in column.headings if path[0] in preferred), column.headings[0])


def _roman(number: int) -> str:
    return ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")[number]
