"""The published workbook: the town's table, the same by field, and which units are in it; ready to print."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from etl.forms import ColumnKind, Measure
from etl.model import Language
from etl.phrases import clean, label_measure, name_period
from etl.publishing.published_tables import (
    decision_lines,
    field_rows,
    is_decided,
    name_field,
    name_status,
    pick,
    rates_of,
    shown_measures,
    units_with,
    whole_rows,
)
from etl.publishing.workbook_cells import ALERT, FONT, HEAD, SUM, Value, prepare_page, put_line, put_rows
from etl.reference import Reference
from etl.sealing import seal_workbook
from etl.template import find_edition
from etl.town_dataset import TownDataset

_LINE = 110  # letters that fit across a printed page


def compose_workbook(dataset: TownDataset, reference: Reference, number: int, published_at: datetime) -> bytes:
    """Write the dataset as an xlsx workbook. The same content, number and moment give the same bytes."""
    writer = _Writer(dataset, reference, number, published_at)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    writer.write_town(first)
    writer.write_fields(book.create_sheet())
    writer.write_coverage(book.create_sheet())
    stream = io.BytesIO()
    book.save(stream)
    return seal_workbook(stream.getvalue(), {})


@dataclass(frozen=True, slots=True)
class _Writer:
    """Knows the dataset and the town's words for it."""

    dataset: TownDataset
    reference: Reference
    number: int
    published_at: datetime

    def say(self, vi: str, en: str) -> str:
        return pick(self.reference.town.language, vi, en)

    @property
    def language(self) -> Language:
        return Language(self.reference.town.language)

    # The three sheets

    def write_town(self, page: Worksheet) -> None:
        """Write the wards as rows, their sum, the town's desk, and the town."""
        page.title = self.say("Toàn thị xã", "Town")
        measures = self._measures()
        head, numbers = self._heading(measures, self.say("Đơn vị", "Unit"))
        notes = self.say("Ghi chú", "Note")
        top = self._titles(page)
        put_rows(page, top, [[*head, notes], [*numbers, ""]], fill=HEAD, is_bold=True)
        wards, desks, sums = self._unit_lines(measures)
        put_rows(page, top + 2, wards)
        put_rows(page, top + 2 + len(wards), sums[:1], fill=SUM, is_bold=True)
        put_rows(page, top + 3 + len(wards), desks)
        bottom = top + 3 + len(wards) + len(desks)
        put_rows(page, bottom, sums[1:], fill=SUM, is_bold=True)
        legend = self.say("Ô trống: chưa báo cáo, không phải 0.", "A blank cell: not reported, which is not 0.")
        put_line(page, bottom + len(sums), legend)
        if self.dataset.decisions:
            decided = self.say(
                "† Có lỗi được chấp nhận hoặc số liệu đã sửa: xem trang “Đơn vị báo cáo”.",
                "† Holds an accepted finding or a corrected figure: see the sheet “Coverage”.",
            )
            put_line(page, bottom + len(sums) + 1, decided)
        prepare_page(page, heading=(top, top + 1), widths=[6, 30, *[12] * (len(head) - 2), 26])

    def write_fields(self, page: Worksheet) -> None:
        """Write each field over the town, the wards, and the desk."""
        page.title = self.say("Theo lĩnh vực", "By field")
        measures = self._measures()
        head, numbers = self._heading(measures, self.say("Lĩnh vực", "Field"))
        top = self._titles(page)
        put_rows(page, top, [head, numbers], fill=HEAD, is_bold=True)
        row = top + 2
        for scope, name in self._scopes():
            sums = whole_rows(self.dataset, scope)
            if sums.empty:
                continue
            lines = list(self._field_lines(scope, measures))
            total = self._figures(sums.iloc[0], measures)
            put_rows(page, row, [["", self._counted(name, sums.iloc[0]), *total]], fill=SUM, is_bold=True)
            put_rows(page, row + 1, lines)
            row += 1 + len(lines)
        prepare_page(page, heading=(top, top + 1), widths=[6, 38, *[12] * (len(head) - 2)])

    def write_coverage(self, page: Worksheet) -> None:
        """Write which units are in the figures, and name those that are not."""
        page.title = self.say("Đơn vị báo cáo", "Coverage")
        top = self._titles(page)
        head = self.say(
            "STT|Mã|Đơn vị|Kỳ|Báo cáo|Nộp|Trong số liệu", "No.|Code|Unit|Period|Report|Arrived|In the figures"
        )
        put_rows(page, top, [head.split("|")], fill=HEAD, is_bold=True)
        lines = list(self._coverage_lines())
        put_rows(page, top + 1, lines)
        decided = decision_lines(self.dataset, self.language)
        told = [self.say("† Lỗi được chấp nhận, số liệu đã sửa:", "† Findings accepted, figures corrected:"), *decided]
        for row, line in enumerate((part for one in told for part in wrap(one, _LINE)) if decided else (), 2):
            put_line(page, top + len(lines) + row, line)
        prepare_page(page, heading=(top, top), widths=[6, 10, 30, 14, 26, 14, 18])

    # Their parts

    def _titles(self, page: Worksheet) -> int:
        """Write what the table is, and loudly whether a unit is missing from it; give the row after."""
        form, period = self.reference.form, self.dataset.period
        town = self.say(self.reference.town.name_vi, self.reference.town.name_en)
        span = f"({period.start:%d/%m/%Y} – {period.end:%d/%m/%Y})"
        moment = self.published_at.astimezone(self.reference.town.time_zone)
        lines = [
            (town[:1].upper() + town[1:], Font(name=FONT, size=12, bold=True)),
            (self.say(form.title_vi, form.title_en), Font(name=FONT, size=14, bold=True)),
            (f"{name_period(period.key, self.language)} {span}".capitalize(), Font(name=FONT, size=12)),
            (self._publication_words(moment), Font(name=FONT, size=11, italic=True)),
        ]
        if absent := self._absent():
            partial = self.say("SỐ LIỆU CHƯA ĐẦY ĐỦ", "PARTIAL FIGURES")
            lines += [(line, ALERT) for line in wrap(f"{partial}: {'; '.join(absent)}", _LINE)]
        for row, (words, font) in enumerate(lines, 1):
            put_line(page, row, words, font)
        return len(lines) + 2

    def _publication_words(self, moment: datetime) -> str:
        if self.number == 0:
            return self.say(
                f"Chưa công bố; lập lúc {moment:%d/%m/%Y %H:%M}", f"Not published; made {moment:%d/%m/%Y %H:%M}"
            )
        said = self.say("Công bố lần", "Publication no.") + f" {self.number}, {moment:%d/%m/%Y %H:%M}"
        if self.number == 1:
            return said
        return said + self.say(f"; thay cho lần {self.number - 1}", f"; replaces no. {self.number - 1}")

    def _absent(self) -> list[str]:
        """Say who is missing and who was sent back."""
        parts = []
        for status, vi, en in (("missing", "chưa có báo cáo", "no report"), ("rejected", "bị trả lại", "sent back")):
            if names := units_with(self.dataset, status):
                parts.append(f"{self.say(vi, en)} ({len(names)}): {', '.join(names)}")
        return parts

    def _scopes(self) -> tuple[tuple[str, str], ...]:
        return (
            ("town", self.say("Toàn thị xã", "Town")),
            ("wards", self.say("Các phường, xã", "Wards")),
            ("desk", self.say("Bộ phận của thị xã", "Town's own desk")),
        )

    def _measures(self) -> list[Measure]:
        edition = find_edition(self.reference, self.dataset.periods[-1])
        return shown_measures(self.dataset.frame, edition, self.reference.form.measures)

    def _heading(self, measures: Sequence[Measure], first: str) -> tuple[list[str], list[str]]:
        """Give the labels of the columns, and under them the numbers that the form's edition gives them."""
        edition = find_edition(self.reference, self.dataset.periods[-1])
        kinds = {column.kind: column.number for column in edition.columns}
        rates = [self.say(rate.label_vi, rate.label_en) + " (%)" for rate in self.reference.form.rates]
        labels = [label_measure(self.reference.form, m.name, self.language) for m in measures]
        numbers = [kinds.get(ColumnKind.ROW_NUMBER), kinds.get(ColumnKind.FIELD)]
        numbers += [edition.number_of(m.name) for m in measures] + [None] * len(rates)
        head = [self.say("STT", "No."), first, *(label[:1].upper() + label[1:] for label in [*labels, *rates])]
        return head, [f"({number})" if number else "" for number in numbers]

    def _unit_lines(
        self, measures: Sequence[Measure]
    ) -> tuple[list[list[Value]], list[list[Value]], list[list[Value]]]:
        """Give the lines of the wards, of the desk's units, and of the sums."""
        coverage = self.dataset.coverage
        desk_codes = set(coverage.loc[coverage["is_desk"], "unit_code"])
        units = whole_rows(self.dataset, "ward")
        lines: dict[bool, list[list[Value]]] = {False: [], True: []}
        for _, row in units.iterrows():
            some = lines[row["unit_code"] in desk_codes]
            note = self._note(row["unit_code"], row["unit_name"])
            name = clean(row["unit_name"], 80) + self._mark(row)
            some.append([len(some) + 1, name, *self._figures(row, measures), note])
        sums: list[list[Value]] = []
        for scope in ("wards", "town"):
            name = dict(self._scopes())[scope]
            for _, row in whole_rows(self.dataset, scope).iterrows():
                note = self.say("CHƯA ĐẦY ĐỦ", "PARTIAL") if row["is_partial"] else ""
                sums.append(["", self._counted(name, row), *self._figures(row, measures), note])
        return lines[False], lines[True], sums

    def _note(self, code: str, name: str) -> str:
        coverage = self.dataset.coverage
        own = coverage[(coverage["unit_code"] == code) & (coverage["unit_name"] == name) & coverage["expected"]]
        said = [self._status(row) for row in own.itertuples(index=False) if row.status != "accepted" or row.is_late]
        return "; ".join(dict.fromkeys(said))

    def _status(self, row: Any) -> str:
        status = name_status(row.status, self.language)
        is_late = bool(row.is_late) and str(row.status).startswith("accepted")
        return status + (self.say(", nộp muộn", ", late") if is_late else "")

    def _field_lines(self, scope: str, measures: Sequence[Measure]) -> Iterator[list[Value]]:
        for number, (_, row) in enumerate(field_rows(self.dataset, scope).iterrows(), 1):
            name = name_field(row["field"], self.reference, self.language) + self._mark(row)
            yield [number, name, *self._figures(row, measures)]

    def _coverage_lines(self) -> Iterator[list[Value]]:
        for number, row in enumerate(self.dataset.coverage.itertuples(index=False), 1):
            is_accepted = str(row.status).startswith("accepted")
            arrived = self.say("muộn", "late") if row.is_late else self.say("đúng hạn", "in time")
            arrived = "–" if row.is_late is None else arrived
            is_in = self.say("có", "yes") if is_accepted and row.expected else self.say("không", "no")
            place = [str(row.unit_code), clean(str(row.unit_name), 80), name_period(str(row.period_key), self.language)]
            yield [number, *place, name_status(str(row.status), self.language), arrived if is_accepted else "", is_in]

    def _counted(self, name: str, row: Any) -> str:
        """Name a sum together with how many of its units are in it: "Các phường, xã (14/15)"."""
        return f"{name} ({int(row['units_in'])}/{int(row['units_expected'])}){self._mark(row)}"

    def _mark(self, row: Any) -> str:
        """Mark what holds an accepted finding or a corrected figure; the last sheet says which."""
        return " †" if is_decided(row) else ""

    def _figures(self, row: Any, measures: Sequence[Measure]) -> list[Value]:
        counts: list[Value] = [None if pd.isna(row[m.name]) else int(row[m.name]) for m in measures]
        return [*counts, *rates_of(row, self.reference)]
