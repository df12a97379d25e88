"""Reading the rows of an official sheet: fields, sections and totals."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from etl.forms import ColumnKind
from etl.model import Finding
from etl.parsing.body import ALL_FIELDS, BodyRow
from etl.parsing.figures import FigureReader
from etl.parsing.layout import Layout
from etl.parsing.lexicon import Lexicon, is_ordinal, without_ordinal
from etl.parsing.names import Match, plain_key
from etl.parsing.remarks import OVERFULL, Words, did_you_mean, remark, show, suggest_names
from etl.parsing.row_kinds import LEAST_FIGURES, RowClassifier, RowKind
from etl.parsing.row_sums import mark_groups, mark_sums, mark_totals
from etl.reading.grid import Sheet, cell_name
from etl.reference import Field

_SUM: Words = (
    "Dòng này bằng đúng tổng các dòng phía trên nên được coi là dòng tổng, không cộng thêm.",
    "The row is exactly the sum of the rows above, so it was taken for a total and not added.",
)
_IGNORED = (RowKind.HEADING, RowKind.RATE)
_WITH_FIGURES = (RowKind.FIELD, RowKind.TOTAL)


@dataclass(slots=True)
class SheetReader:
    """Reads the rows of one official sheet, from the headings down to the last row of figures."""

    sheet: Sheet
    layout: Layout
    lexicon: Lexicon
    figures: FigureReader
    findings: list[Finding] = field(default_factory=list)
    kinds: dict[int, RowKind] = field(default_factory=dict)
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    _classifier: RowClassifier = field(init=False)

    def read(self) -> list[BodyRow]:
        """Read the rows; what is wrong gathers in `findings`, in the order of the sheet."""
        self.kinds = self._classifier.kinds()
        numbered = frozenset(filter(self._classifier.is_numbered, self.kinds))
        rows = mark_groups(list(self._rows()), numbered)
        self._forget_unknown({row.row for row in rows if row.kind == "group"})
        self.findings += self._stray_cells()
        rows = self._tell_sums(mark_totals(mark_sums(rows)))
        self.findings += self._unused({row.row for row in rows})
        return rows

    def __post_init__(self) -> None:
        self._classifier = RowClassifier(self.sheet, self.layout, self.lexicon, self.figures)

    @property
    def _name_column(self) -> int:
        return self.layout.at(ColumnKind.FIELD) or 1

    def _rows(self) -> Iterator[BodyRow]:
        system = ""
        is_empty = not {RowKind.FIELD, RowKind.TOTAL} & set(self.kinds.values())
        for row, kind in self.kinds.items():
            if kind is RowKind.SECTION:
                system = self._source_system(row)
            if kind is RowKind.TOTAL or (kind is RowKind.SECTION and self.figures.has_figures(row)):
                yield self._row(row, "total", None, system)
            elif kind is RowKind.NOTHING and is_empty:
                yield BodyRow(row, "field", ALL_FIELDS, "", system, dict.fromkeys(self.layout.measures, 0))
            elif kind is RowKind.FIELD:
                yield self._field_row(row, system)

    def _row(self, row: int, kind: str, code: str | None, system: str) -> BodyRow:
        name = self._classifier.label(row)
        counts = self.figures.read(row, (show(name), show(name)), code)
        self.findings += self.figures.findings
        self.figures.findings.clear()
        return BodyRow(row, kind, code, name, system, counts)

    def _field_row(self, row: int, system: str) -> BodyRow:
        label, place = self._classifier.label(row), (row, self._name_column)
        match = self.lexicon.fields.find(without_ordinal(label))
        code = match.known.code if match.known else None
        if not label:
            self.findings.append(remark("S.field-missing", self.sheet, place))
            return self._row(row, "field", None, system)
        if code is None:
            self.findings.append(unknown_field(self.sheet, place, label, match))
        first = self.places.setdefault((system, code or plain_key(label)), row)
        if first != row:
            self.findings.append(doubled_row(self.sheet, place, label, first, code))
        return self._row(row, "field", code, system)

    def _source_system(self, row: int) -> str:
        """Read a section heading: the code of a known source system, else its words."""
        texts = [v for v in self.sheet.rows[row - 1] if isinstance(v, str) and not is_ordinal(v)]
        label = without_ordinal(self._classifier.label(row) or (texts[0] if texts else ""))
        match = self.lexicon.source_systems.find(label)
        if match.known:
            return match.known.code
        place, expected = (row, self._name_column), did_you_mean(known.label_vi for known in match.proposed)
        finding = remark("S.source-system-unknown", self.sheet, place, found=show(label), expected=expected)
        self.findings.append(finding)
        return show(label)

    def _forget_unknown(self, rows: set[int]) -> None:
        """Take back that a field is unknown where the row turned out to sum up those below it."""
        cells = {cell_name(row, self._name_column) for row in rows}
        self.findings = [f for f in self.findings if f.rule != "S.field-unknown" or f.cell not in cells]

    def _tell_sums(self, rows: list[BodyRow]) -> list[BodyRow]:
        """Say of each unknown field that was taken for a total why it was."""
        cells = {cell_name(row.row, self._name_column) for row in rows if row.kind == "total"}
        for i, told in enumerate(self.findings):
            if told.rule == "S.field-unknown" and told.cell in cells and told.cell:
                place = (int(told.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), self._name_column)
                self.findings[i] = remark(told.rule, self.sheet, place, found=told.found, expected=_SUM)
        return rows

    def _unused(self, used: set[int]) -> Iterator[Finding]:
        """Report every number in the measures' columns that no row of the report says and no rule ignores.

        Below a signature a lone number is a telephone's or a receiver's; a row of figures is one everywhere.
        """
        is_signed = False
        for row in range(self.layout.bottom + 1, self.sheet.height + 1):
            numbers = self.figures.numbers(row) if row not in used else []
            kind = self.kinds.get(row) or self._classifier.kind(row)
            is_signed = is_signed or (kind is RowKind.SIGNATURE and row not in self.kinds)
            if not numbers or kind in _IGNORED:
                continue
            label, place = self._classifier.label(row), (row, self._name_column)
            if kind is RowKind.ASIDE:
                yield remark("S.cell-unused", self.sheet, place, found=show(label))
            elif len(numbers) < LEAST_FIGURES:
                for at in () if is_signed else numbers:
                    yield remark("S.cell-unused", self.sheet, (row, at), found=show(self.sheet.value(row, at)))
            elif label:
                yield remark("S.row-unused", self.sheet, place, found=show(label))
            else:
                yield remark("S.field-missing", self.sheet, place)

    def _stray_cells(self) -> Iterator[Finding]:
        """Report what stands in rows of figures outside every headed column, and words where figures should stand."""
        first_figure = min(self.layout.measures.values())
        figures = self.layout.measures.values()
        for row, kind in self.kinds.items():
            strays = list(self.layout.stray_values(self.sheet, row)) if kind in _WITH_FIGURES else []
            if kind is RowKind.LABEL and self._classifier.label(row):
                strays = [(at, value) for at in figures if (value := self.sheet.value(row, at)) is not None]
            if strays and kind in _WITH_FIGURES and self.layout.is_overfull(self.sheet, row):
                found, place = show(self._classifier.label(row)), (row, self._name_column)
                yield remark("S.row-unused", self.sheet, place, found=found, expected=OVERFULL)
            for at, value in strays:
                if at > first_figure or str(value).strip() != self._classifier.label(row):
                    yield remark("S.cell-unused", self.sheet, (row, at), found=show(value))


def unknown_field(sheet: Sheet, place: tuple[int, int], label: str, match: Match[Field]) -> Finding:
    """Report a name that no known field goes by, with its near misses."""
    names = [known.name for known in match.proposed]
    suggestion = suggest_names(cell_name(*place), names)
    expected, shown = did_you_mean(names), show(label)
    return remark("S.field-unknown", sheet, place, found=shown, expected=expected, field=shown, suggestion=suggestion)


def doubled_row(sheet: Sheet, place: tuple[int, int], label: str, first: int, code: str | None) -> Finding:
    """Report a second row for the same field and source system."""
    shown = show(label)
    return remark("S.row-doubled", sheet, place, found=shown, expected=(str(first),) * 2, field=code or shown)
