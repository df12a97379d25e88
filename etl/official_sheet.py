"""Reading the rows of an official sheet: fields, sections, totals, and where the table ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import takewhile

from etl.body import ALL_FIELDS, BodyRow
from etl.figures import FigureReader
from etl.forms import ColumnKind
from etl.grid import Sheet, cell_name
from etl.headings import Layout, repeats_heading
from etl.lexicon import Lexicon, is_nothing, is_ordinal, is_total, starts_with_any, without_ordinal
from etl.model import Finding
from etl.names import Match, plain_key
from etl.reference import Field
from etl.remarks import did_you_mean, remark, show, suggest_names

# Whoever signs, and what they add, stands below the table: it is never read.
_SIGNATURES = (
    "nguoi lap|lap bieu|nguoi tong hop|thu truong|chu tich|pho chu tich|tm|kt|tl|tuq|noi nhan|ghi chu|luu y|xac nhan"
    "|ky ten|truong phong|dien thoai|so dien thoai|can bo|cong chuc|ngay|dai dien|phu trach|sdt|email"
).split("|")
_ROMAN = re.compile(r"\s*[IVX]{1,5}(?:[.)\s]|$)")
_RATE = ("ty le", "ti le")
_GROUP = ("linh vuc", "nhom", "cac linh vuc", "thu tuc", "cap")


class RowKind(StrEnum):
    """What a row below the headings is."""

    BLANK = "blank"
    HEADING = "heading"
    SIGNATURE = "signature"
    SECTION = "section"
    LABEL = "label"
    RATE = "rate"
    NOTHING = "nothing"
    TOTAL = "total"
    FIELD = "field"


@dataclass(slots=True)
class SheetReader:
    """Reads the rows of one official sheet, from the headings down to the last row of figures."""

    sheet: Sheet
    layout: Layout
    lexicon: Lexicon
    figures: FigureReader
    findings: list[Finding] = field(default_factory=list)
    kinds: dict[int, RowKind] = field(default_factory=dict)

    def read(self) -> list[BodyRow]:
        """Read the rows; what is wrong gathers in `findings`, in the order of the sheet."""
        self.kinds = self._kinds()
        rows = list(self._rows(self.kinds))
        if not any(row.kind == "field" for row in rows):
            rows = [replace(row, kind="field", field=ALL_FIELDS) for row in rows if row.kind == "total"][:1]
        self.findings += self._stray_cells(self.kinds)
        return _with_scopes(_with_groups(rows))

    def _kinds(self) -> dict[int, RowKind]:
        """Tell what each row is, as far as the table goes: labels below the last figures are no part of it."""
        kinds: dict[int, RowKind] = {}
        last = 0
        for row in range(self.layout.bottom + 1, self.sheet.height + 1):
            kind = self._kind(row)
            if kind is RowKind.SIGNATURE and last:
                break
            kinds[row] = kind
            if kind in (RowKind.FIELD, RowKind.TOTAL, RowKind.NOTHING) and not self._follows_total(row, kinds):
                last = row
        return {row: kind for row, kind in kinds.items() if row <= last}

    def _follows_total(self, row: int, kinds: dict[int, RowKind]) -> bool:
        """Tell whether figures without a name stand below the total, where the table has ended."""
        return not self._label(row) and RowKind.TOTAL in kinds.values() and kinds[row] is RowKind.FIELD

    def _kind(self, row: int) -> RowKind:
        texts = [str(value) for value in self.sheet.rows[row - 1] if value is not None]
        if not texts and not any(at for r, at in self.sheet.uncached if r == row):
            return RowKind.BLANK
        if repeats_heading(self.sheet, self.layout, row):
            return RowKind.HEADING
        label, has_figures = self._label(row), self.figures.has_figures(row)
        if label and self.lexicon.fields.find_known(without_ordinal(label)):
            return RowKind.FIELD
        if any(starts_with_any(text, _SIGNATURES) for text in texts[:4]):
            return RowKind.SIGNATURE
        if starts_with_any(label, _RATE):
            return RowKind.RATE
        if label and is_total(label):
            return RowKind.TOTAL if has_figures else RowKind.LABEL
        if not has_figures and any(is_nothing(text) for text in texts):
            return RowKind.NOTHING
        if self._is_section(row, label or " ".join(texts)):
            return RowKind.SECTION
        return RowKind.FIELD if has_figures or self._is_numbered(row, label) else RowKind.LABEL

    def _is_numbered(self, row: int, label: str) -> bool:
        at = self.layout.at(ColumnKind.ROW_NUMBER)
        number = self.sheet.value(row, at) if at else None
        return bool(label) and number is not None and str(number).removesuffix(".0").strip(" .").isdigit()

    def _is_section(self, row: int, label: str) -> bool:
        """Tell whether a row heads the figures of a source system: by its words, or numbered "I" without figures."""
        name = without_ordinal(label)
        if "he thong" in plain_key(name) or self.lexicon.source_systems.find_known(name) is not None:
            return True
        is_heading = bool(name) and not self.figures.has_figures(row) and not starts_with_any(name, _GROUP)
        return is_heading and self._is_roman(row)

    def _is_roman(self, row: int) -> bool:
        at = self.layout.at(ColumnKind.ROW_NUMBER)
        number = self.sheet.value(row, at) if at else None
        return isinstance(number, str) and bool(_ROMAN.match(number))

    def _label(self, row: int) -> str:
        """Give the name of a row: from the field's column, else the first text left of the figures."""
        at = self.layout.at(ColumnKind.FIELD)
        named = self.sheet.value(row, at) if at else None
        if isinstance(named, str):
            return named.strip()
        first_figure = min(self.layout.measures.values())
        for value in self.sheet.rows[row - 1][: first_figure - 1]:
            if isinstance(value, str) and not is_ordinal(value):
                return value.strip()
        return ""

    def _rows(self, kinds: dict[int, RowKind]) -> Iterator[BodyRow]:
        system = ""
        places: dict[tuple[str, str], int] = {}
        is_empty = RowKind.FIELD not in kinds.values() and RowKind.TOTAL not in kinds.values()
        for row, kind in kinds.items():
            if kind is RowKind.SECTION:
                system = self._source_system(row)
                if self.figures.has_figures(row):
                    yield self._row(row, "total", None, self._label(row), system)
            elif kind is RowKind.TOTAL:
                yield self._row(row, "total", None, self._label(row), system)
            elif kind is RowKind.NOTHING and is_empty:
                yield BodyRow(row, "field", ALL_FIELDS, "", system, dict.fromkeys(self.layout.measures, 0))
            elif kind is RowKind.FIELD:
                yield self._field_row(row, system, places)

    def _row(self, row: int, kind: str, code: str | None, name: str, system: str) -> BodyRow:
        shown = show(name)
        counts = self.figures.read(row, (shown, shown), code)
        self.findings += self.figures.findings
        self.figures.findings.clear()
        return BodyRow(row, kind, code, name, system, counts)

    def _field_row(self, row: int, system: str, places: dict[tuple[str, str], int]) -> BodyRow:
        label = self._label(row)
        match = self.lexicon.fields.find(without_ordinal(label))
        code = match.known.code if match.known else None
        at = self.layout.at(ColumnKind.FIELD) or 1
        if not label:
            self.findings.append(remark("S.field-missing", self.sheet, (row, at)))
        elif code is None and self._is_lettered(row):
            return self._row(row, "group", None, label, system)
        elif code is None:
            self.findings.append(unknown_field(self.sheet, (row, at), label, match))
        first = places.setdefault((system, code or plain_key(label)), row)
        if first != row and label:
            self.findings.append(doubled_row(self.sheet, (row, at), label, first, code))
        return self._row(row, "field", code, label, system)

    def _is_lettered(self, row: int) -> bool:
        """Tell whether a row is numbered "I" or "A" where fields are numbered 1, 2, 3: it sums up those below it."""
        at = self.layout.at(ColumnKind.ROW_NUMBER)
        number = self.sheet.value(row, at) if at else None
        is_letter = isinstance(number, str) and is_ordinal(number) and not number[:1].isdigit()
        return is_letter and any(self._is_numbered(other, self._label(other)) for other in self.kinds)

    def _source_system(self, row: int) -> str:
        """Read a section heading: the code of a known source system, else its words."""
        texts = [v for v in self.sheet.rows[row - 1] if isinstance(v, str) and not is_ordinal(v)]
        label = without_ordinal(self._label(row) or (texts[0] if texts else ""))
        match = self.lexicon.source_systems.find(label)
        if match.known:
            return match.known.code
        names = [known.label_vi for known in match.proposed]
        place, expected = (row, self.layout.at(ColumnKind.FIELD)), did_you_mean(names)
        finding = remark("S.source-system-unknown", self.sheet, place, found=show(label), expected=expected)
        self.findings.append(finding)
        return show(label)

    def _stray_cells(self, kinds: dict[int, RowKind]) -> Iterator[Finding]:
        """Report what stands in rows of figures outside every headed column."""
        headed = self.layout.columns.keys() | set(self.layout.unknown) | {at for at, _ in self.layout.doubled}
        first_figure = min(self.layout.measures.values())
        for row, kind in kinds.items():
            if kind not in (RowKind.FIELD, RowKind.TOTAL):
                continue
            for at, value in enumerate(self.sheet.rows[row - 1], 1):
                is_label = at < first_figure and isinstance(value, str) and value.strip() == self._label(row)
                if value is not None and at not in headed and not is_label:
                    yield remark("S.cell-unused", self.sheet, (row, at), found=show(value))


def _with_groups(rows: list[BodyRow]) -> list[BodyRow]:
    """Tell rows of no known field whose figures are exactly those of the rows below them: they sum up a group."""
    marked = []
    for i, row in enumerate(rows):
        below = list(takewhile(lambda other: other.kind == "field" and other.field is not None, rows[i + 1 :]))
        is_group = row.kind == "field" and row.field is None and len(below) > 1 and _sums_up(row, below)
        marked.append(replace(row, kind="group") if is_group else row)
    return marked


def _sums_up(row: BodyRow, below: list[BodyRow]) -> bool:
    figures = {measure: count for measure, count in row.counts.items() if count is not None}
    return any(figures.values()) and all(
        count == sum(other.counts[measure] or 0 for other in below) for measure, count in figures.items()
    )


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


def _with_scopes(rows: list[BodyRow]) -> list[BodyRow]:
    """Tell section totals from the sheet's own: the last total is the whole sheet's, unless each section has just one.

    A total before the first section has no source system and is the sheet's own anyway.
    """
    systems = list(dict.fromkeys(row.source_system for row in rows if row.source_system))
    totals = [row for row in rows if row.kind == "total" and row.source_system]
    if not totals or not any(is_total(row.field_name) for row in totals):
        return rows
    last = totals[-1]
    closing = [row for row in totals if is_total(row.field_name)]
    has_each = (
        len(systems) > 1 and {row.source_system for row in closing} == set(systems) and len(closing) == len(systems)
    )
    is_grand = is_total(last.field_name) and not has_each
    return [replace(row, source_system="") if is_grand and row is last else row for row in rows]
