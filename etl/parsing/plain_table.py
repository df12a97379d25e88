"""Reading a plain table: one header row, any number of units and periods below it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from etl.forms import ColumnKind
from etl.model import Finding, Unit
from etl.parsing.body import ALL_FIELDS, BodyRow, Piece
from etl.parsing.figures import FigureReader
from etl.parsing.layout import Layout
from etl.parsing.lexicon import is_total, lexicon_of
from etl.parsing.names import MOST_LETTERS, index_units, plain_key
from etl.parsing.official_sheet import doubled_row, unknown_field
from etl.parsing.remarks import OVERFULL, Words, did_you_mean, remark, show, suggest_names
from etl.parsing.title_unit import find_unit, is_undecided
from etl.periods import Period, parse_period
from etl.reading.grid import Sheet, Value, as_text, cell_name
from etl.reference import Reference

_MOST_PROPOSED = 200  # unknown units with near misses; a table of thousands is about another place
_UNITS_SUM: Words = (
    "Đây là dòng tổng của nhiều đơn vị: không được đối chiếu và không phải báo cáo của đơn vị nào.",
    "This is a total of several units: it is compared with nothing, and is no unit's report.",
)
LARGEST_ANYWHERE = 10**12  # for units that are not the town's: a statement may speak of a country


@dataclass(slots=True)
class _Owner:
    """A unit and period of the table, with its rows so far."""

    unit: Unit | None
    unit_text: str
    period: Period | None
    period_text: str
    figures: FigureReader
    findings: list[Finding] = field(default_factory=list)
    rows: list[BodyRow] = field(default_factory=list)
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    other_names: set[str] = field(default_factory=set)

    @property
    def key(self) -> object:
        """Tell owners apart, however their names are written."""
        return self.unit or self.unit_text, self.period or self.period_text


@dataclass(slots=True)
class TableReader:
    """Reads the rows of one plain table, and gives each its unit and period."""

    sheet: Sheet
    layout: Layout
    reference: Reference
    owners: dict[object, _Owner] = field(default_factory=dict)
    written: dict[tuple[str, str], _Owner] = field(default_factory=dict)
    unknown_units: int = 0

    def read(self) -> Iterator[Piece]:
        """Read the table; each unit and period in it is a report of its own."""
        for row in range(self.layout.bottom + 1, self.sheet.height + 1):
            if any(value is not None for value in self.sheet.rows[row - 1]):
                self._read_row(row)
        for owner in self.owners.values():
            rows = tuple(self._with_system_totals(owner, list(_with_totals(owner.rows))))
            texts = (owner.unit_text, owner.period_text)
            yield Piece(
                sheet=self.sheet,
                layout=self.layout,
                unit=owner.unit,
                unit_text=texts[0],
                period=owner.period,
                period_text=texts[1],
                rows=rows,
                findings=tuple(owner.findings),
                statements=owner.figures.statements,
            )

    def _value(self, row: int, kind: ColumnKind) -> Value:
        """Give the first filled cell of a kind: a table may have both a unit's code and its name."""
        return next((value for _, value in self._values(row, kind)), None)

    def _values(self, row: int, kind: ColumnKind) -> Iterator[tuple[int, Value]]:
        columns = [at for at, column in self.layout.columns.items() if column.kind is kind]
        columns += [at for at, column in self.layout.doubled if column.kind is kind]
        return ((at, value) for at in sorted(columns) if (value := self.sheet.value(row, at)) is not None)

    def _read_row(self, row: int) -> None:
        unit, period = self._value(row, ColumnKind.UNIT), self._value(row, ColumnKind.PERIOD)
        texts = as_text(unit)[:MOST_LETTERS], as_text(period)[:MOST_LETTERS]
        owner = self.written.get(texts)
        if owner is None:
            found = self._new_owner(row, texts)
            owner = self.written[texts] = self.owners.setdefault(found.key, found)
        owner.findings += self._other_units(row, owner)
        code, name = self._field(row, owner)
        system = self._source_system(row, owner)
        is_all = code == ALL_FIELDS and is_total(name or ALL_FIELDS)
        first = owner.places.setdefault((system, code or plain_key(name)), row)
        at = self.layout.at(ColumnKind.FIELD) or self.layout.at(ColumnKind.UNIT) or 1
        if first != row:
            owner.findings.append(doubled_row(self.sheet, (row, at), name or ALL_FIELDS, first, code))
        about = show(name) if name else texts[0]
        counts = owner.figures.read(row, (about, about), code)
        owner.findings += owner.figures.findings
        owner.figures.findings.clear()
        owner.findings += self._stray_cells(row)
        owner.rows.append(BodyRow(row, "field", ALL_FIELDS if is_all else code, name, system, counts))

    def _new_owner(self, row: int, texts: tuple[str, str]) -> _Owner:
        period = parse_period(texts[1], self.reference.town.calendar) if texts[1] else None
        unit, names, why = self._find_unit(texts[0], period)
        largest = self.reference.town.largest_count if unit else LARGEST_ANYWHERE
        figures = FigureReader(self.sheet, self.reference.form, self.layout.measures, largest, tells_blanks=False)
        owner = _Owner(unit, show(texts[0]), period, show(texts[1]), figures)
        if period is None:
            owner.findings.append(self._remark_period(row, texts[1]))
        is_sum = why is _UNITS_SUM
        if owner.unit is None and (is_sum or not is_undecided(texts[0], self.reference, owner.period)):
            at = self.layout.at(ColumnKind.UNIT)
            rule = "S.unit-unknown" if texts[0] else "S.unit-missing"
            expected = did_you_mean(names) if names else why
            finding = remark(rule, self.sheet, (row, at), found=show(texts[0]) or None, expected=expected)
            cell = cell_name(row, at) if at else None
            owner.findings.append(replace(finding, suggestion=suggest_names(cell, names)))
        return owner

    def _find_unit(self, text: str, period: Period | None) -> tuple[Unit | None, tuple[str, ...], Words]:
        if is_total(text):
            return None, (), _UNITS_SUM
        found = find_unit(text, self.reference, period, proposes=self.unknown_units < _MOST_PROPOSED)
        self.unknown_units += found[0] is None
        return found

    def _other_units(self, row: int, owner: _Owner) -> Iterator[Finding]:
        """Report a second cell of the row that names another unit than the first does, once for each text."""
        for at, value in list(self._values(row, ColumnKind.UNIT))[1:] if owner.unit else ():
            text = as_text(value)[:MOST_LETTERS]
            if not owner.unit or text in owner.other_names:
                continue
            owner.other_names.add(text)
            named, _, _ = find_unit(text, self.reference, owner.period, proposes=False)
            others = (named,) if named else index_units(self.reference.units).find_all(text)
            if others and owner.unit not in others:
                cell, name = cell_name(row, at), others[0].full_name
                says = (f"ô {cell} ghi “{name}”", f"cell {cell} says “{name}”")
                place = (row, self.layout.at(ColumnKind.UNIT))
                yield remark("S.unit-contradicted", self.sheet, place, found=owner.unit.full_name, expected=says)
            elif not others:
                yield remark("S.cell-unused", self.sheet, (row, at), found=show(value))

    def _with_system_totals(self, owner: _Owner, rows: list[BodyRow]) -> Iterator[BodyRow]:
        """Count no row without a source system that stands beside rows of the same field with one: it is their sum.

        Where the report has one field, that is the total of all; else it is a group, held against its parts here.
        """
        parts: dict[str, list[BodyRow]] = {}
        for row in rows:
            if row.kind == "field" and row.source_system:
                parts.setdefault(_field_key(row), []).append(row)
        is_single = len({_field_key(row) for row in rows if row.kind == "field"}) == 1
        for row in rows:
            own = parts.get(_field_key(row), []) if row.kind == "field" and not row.source_system else []
            if own and not is_single and not _is_sum(row, own):
                place = (row.row, self.layout.at(ColumnKind.FIELD) or 1)
                name = row.field_name or ALL_FIELDS
                owner.findings.append(doubled_row(self.sheet, place, name, own[0].row, row.field))
            if own:
                row = replace(row, kind="total" if is_single else "group", field=None)  # noqa: PLW2901
            yield row

    def _remark_period(self, row: int, text: str) -> Finding:
        place = (row, self.layout.at(ColumnKind.PERIOD))
        return remark("S.period-unknown" if text else "S.period-missing", self.sheet, place, found=show(text) or None)

    def _field(self, row: int, owner: _Owner) -> tuple[str | None, str]:
        """Give the code and the name of the row's field; a table without one speaks of all fields together."""
        at = self.layout.at(ColumnKind.FIELD)
        label = as_text(self.sheet.value(row, at)) if at else ""
        if not label or is_total(label):
            return ALL_FIELDS, label
        match = lexicon_of(self.reference).fields.find(label)
        if match.known is None and at:
            owner.findings.append(unknown_field(self.sheet, (row, at), label, match))
        return (match.known.code if match.known else None), label

    def _source_system(self, row: int, owner: _Owner) -> str:
        at = self.layout.at(ColumnKind.SOURCE_SYSTEM)
        label = as_text(self.sheet.value(row, at)) if at else ""
        if not label or is_total(label):
            return ""
        match = lexicon_of(self.reference).source_systems.find(label)
        if match.known:
            return match.known.code
        expected = did_you_mean(known.label_vi for known in match.proposed)
        finding = remark("S.source-system-unknown", self.sheet, (row, at), found=show(label), expected=expected)
        owner.findings.append(finding)
        return show(label)

    def _stray_cells(self, row: int) -> Iterator[Finding]:
        if self.layout.is_overfull(self.sheet, row):
            first = next(as_text(value) for value in self.sheet.rows[row - 1] if value is not None)
            yield remark("S.row-unused", self.sheet, (row, 1), found=show(first), expected=OVERFULL)
        for at, value in self.layout.stray_values(self.sheet, row):
            yield remark("S.cell-unused", self.sheet, (row, at), found=show(value))


def _field_key(row: BodyRow) -> str:
    return row.field or plain_key(row.field_name)


def _is_sum(row: BodyRow, parts: list[BodyRow]) -> bool:
    figures = {measure: count for measure, count in row.counts.items() if count is not None}
    return all(count == sum(part.counts[measure] or 0 for part in parts) for measure, count in figures.items())


def _with_totals(rows: list[BodyRow]) -> Iterator[BodyRow]:
    """Make rows without a field the totals of those with one, where a unit has both."""
    has_fields = any(row.field != ALL_FIELDS for row in rows)
    for row in rows:
        is_total_row = has_fields and row.field == ALL_FIELDS
        yield replace(row, kind="total", field=None) if is_total_row else row
