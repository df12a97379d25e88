"""Telling what each row below the headings of an official sheet is, and where the table ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from etl.forms import ColumnKind
from etl.parsing.figures import FigureReader
from etl.parsing.layout import Layout, repeats_heading
from etl.parsing.lexicon import Lexicon, is_aside, is_nothing, is_ordinal, is_total, starts_with_any, without_ordinal
from etl.parsing.names import plain_key
from etl.reading.grid import Sheet, as_text

# Whoever signs, and what they add, stands below the table: it is never read.
_SIGNATURES = (
    *("nguoi lap", "lap bieu", "nguoi tong hop", "thu truong", "chu tich", "pho chu tich", "truong phong", "can bo"),
    *("cong chuc", "dai dien", "phu trach", "tm", "kt", "tl", "tuq", "ky ten", "xac nhan", "ngay", "noi nhan"),
    *("ghi chu", "luu y", "dien thoai", "so dien thoai", "sdt", "email"),
)
LEAST_FIGURES = 2  # of a row of figures; a lone number may be anything
_RATES = ("ty le", "ti le")
_GROUPS = ("linh vuc", "nhom", "cac linh vuc", "thu tuc", "cap")
_ROMAN = re.compile(r"\s*[IVX]{1,5}(?:[.)\s]|$)")


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
    ASIDE = "aside"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class RowClassifier:
    """Knows the rows of one official sheet by their labels, numbers and figures."""

    sheet: Sheet
    layout: Layout
    lexicon: Lexicon
    figures: FigureReader
    _labels: dict[int, str] = field(default_factory=dict)
    _kinds: dict[int, RowKind] = field(default_factory=dict)

    def kinds(self) -> dict[int, RowKind]:
        """Tell what each row is, as far as the table goes: labels below the last figures are no part of it."""
        kinds: dict[int, RowKind] = {}
        last = 0
        continued = self._rows_before_figures()
        for row in range(self.layout.bottom + 1, self.sheet.height + 1):
            kind = self.kind(row)
            if kind is RowKind.SIGNATURE and row in continued:
                kind = RowKind.FIELD if self.is_numbered(row) else RowKind.LABEL
            kinds[row] = kind
            if kind is RowKind.SIGNATURE:
                break
            is_nameless = kind is RowKind.FIELD and not self.label(row)
            if is_nameless and RowKind.TOTAL in kinds.values():
                continue  # figures without a name below the total: the table has ended
            if kind in (RowKind.FIELD, RowKind.TOTAL, RowKind.NOTHING):
                last = row
        return {row: kind for row, kind in kinds.items() if row <= last}

    def _rows_before_figures(self) -> set[int]:
        """Give the rows below which the table goes on: a row of figures follows, before another header."""
        rows: set[int] = set()
        goes_on = False
        for row in range(self.sheet.height, self.layout.bottom, -1):
            if goes_on:
                rows.add(row)
            if len(self.figures.numbers(row)) >= LEAST_FIGURES:
                goes_on = not repeats_heading(self.sheet, self.layout, row)
            elif goes_on and repeats_heading(self.sheet, self.layout, row):
                goes_on = False
        return rows

    def label(self, row: int) -> str:
        """Give the name of a row: from the field's column, else the first text left of the figures."""
        if row not in self._labels:
            self._labels[row] = self._find_label(row)
        return self._labels[row]

    def _find_label(self, row: int) -> str:
        at = self.layout.at(ColumnKind.FIELD)
        named = self.sheet.value(row, at) if at else None
        if isinstance(named, str):
            return named.strip()
        first_figure = min(self.layout.measures.values())
        for value in self.sheet.rows[row - 1][: first_figure - 1]:
            if isinstance(value, str) and not is_ordinal(value):
                return value.strip()
        return ""

    def is_numbered(self, row: int) -> bool:
        """Tell whether a named row is numbered 1, 2, 3, as fields are."""
        return bool(self.label(row)) and self._number(row).strip(" .").isdigit()

    def _number(self, row: int) -> str:
        at = self.layout.at(ColumnKind.ROW_NUMBER)
        return as_text(self.sheet.value(row, at)) if at else ""

    def kind(self, row: int) -> RowKind:
        """Tell what a row is by itself: a row that has figures is no signature, whatever its words."""
        if row not in self._kinds:
            self._kinds[row] = self._find_kind(row)
        return self._kinds[row]

    def _find_kind(self, row: int) -> RowKind:
        texts = [as_text(value) for value in self.sheet.rows[row - 1] if value is not None]
        if not texts and not any(uncached == row for uncached, _ in self.sheet.uncached):
            return RowKind.BLANK
        if repeats_heading(self.sheet, self.layout, row):
            return RowKind.HEADING
        label = self.label(row)
        if label and self.lexicon.fields.find_known(without_ordinal(label)):
            return RowKind.FIELD
        is_signed = any(starts_with_any(text, _SIGNATURES) for text in texts[:4])
        if is_signed and not self.figures.numbers(row):
            return RowKind.SIGNATURE
        return self._kind_of_nameless(row, label, texts)

    def _kind_of_nameless(self, row: int, label: str, texts: Sequence[str]) -> RowKind:
        """Tell what a row is that names no known field."""
        has_figures = self.figures.has_figures(row)
        if starts_with_any(label, _RATES):
            return RowKind.RATE
        if label and is_total(label):
            return RowKind.TOTAL if has_figures or self._says_anything(row) else RowKind.LABEL
        if label and has_figures and is_aside(without_ordinal(label)):
            return RowKind.ASIDE
        if any(map(is_nothing, texts)) and all(is_nothing(text) or is_ordinal(text) for text in texts):
            return RowKind.NOTHING
        if self._is_section(row, without_ordinal(label or " ".join(texts)), has_figures=has_figures):
            return RowKind.SECTION
        return RowKind.FIELD if has_figures or self.is_numbered(row) else RowKind.LABEL

    def _says_anything(self, row: int) -> bool:
        return any(self.sheet.value(row, at) is not None for at in self.figures.columns.values())

    def _is_section(self, row: int, name: str, *, has_figures: bool) -> bool:
        """Tell whether a row heads the figures of a source system: by its words, or numbered "I" without figures."""
        if "he thong" in plain_key(name) or self.lexicon.source_systems.find_known(name) is not None:
            return True
        is_heading = bool(name) and not has_figures and not starts_with_any(name, _GROUPS)
        return is_heading and bool(_ROMAN.match(self._number(row)))
