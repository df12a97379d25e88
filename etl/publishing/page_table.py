"""The one table of the leader's page: each ward, their sum, the desk, the town."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from etl.model import Language
from etl.phrases import clean, label_measure, number_words, percent_words
from etl.publishing.absences import find_absences, say_months
from etl.publishing.adjustment_words import signed_words
from etl.publishing.page_sections import Table
from etl.publishing.published_tables import is_decided, name_status, pick, rates_of, unit_rows, whole_rows
from etl.publishing.release import Release
from etl.publishing.roles import find_roles

MOST_MEASURES = 8


def build_table(release: Release, language: Language) -> Table:
    """Build the table: columns of the form's main measures and rates, rows with their notes; sums are marked."""
    return _Builder(release, language).build()


@dataclass(frozen=True, slots=True)
class _Builder:
    """Knows the release and the language."""

    release: Release
    language: Language

    def say(self, vi: str, en: str) -> str:
        return pick(self.language, vi, en)

    def build(self) -> Table:
        form, measures = self.release.reference.form, self._measures()
        rates = [self.say(rate.label_vi, rate.label_en) for rate in form.rates]
        labels = [label_measure(form, name, self.language) for name in measures]
        if self._is_adjusted:
            labels.append(self.say("Điều chỉnh", "Adjustment"))
        head = [self.say("Đơn vị", "Unit"), *labels, *rates, self.say("Ghi chú", "Note")]
        lines = list(self._lines(measures))
        if not any(line[-1] for line, _ in lines):
            head, lines = head[:-1], [(line[:-1], is_sum) for line, is_sum in lines]
        return Table(
            title=self.say("Số liệu từng đơn vị", "Figures by unit"),
            head=tuple(cell[:1].upper() + cell[1:] for cell in head),
            aligns="l" + "r" * (len(labels) + len(rates)) + "l" * (len(head) - 1 - len(labels) - len(rates)),
            rows=tuple(tuple(line) for line, _ in lines),
            sums=tuple(place for place, (_, is_sum) in enumerate(lines) if is_sum),
        )

    @property
    def _is_adjusted(self) -> bool:
        return bool(self.release.dataset.frame["adjustment"].fillna(0).ne(0).any())

    def _measures(self) -> list[str]:
        """Choose the measures that tell a line in short; of a form that does not say which, the first ones."""
        roles, frame = find_roles(self.release.reference.form), self.release.dataset.frame
        names = roles.measures if roles else self.release.reference.form.measure_names
        return [name for name in names if frame[name].notna().any()][:MOST_MEASURES]

    def _lines(self, measures: list[str]) -> Iterator[tuple[list[str], bool]]:
        """Give the cells of each row, and whether it is a sum."""
        dataset, notes = self.release.dataset, self._notes()
        coverage = dataset.coverage
        desks = {(r.unit_code, r.unit_name) for r in coverage[coverage["is_desk"]].itertuples(index=False)}
        units = unit_rows(dataset, "ward", "group")
        named = {
            "wards": self.say("Cộng các phường, xã", "Wards together"),
            "town": self.say(f"Toàn {self.release.reference.town.name_vi}", "The whole town"),
        }
        for scope, is_desk in (("wards", False), ("town", True)):
            own = [row for row in units if ((row["unit_code"], row["unit_name"]) in desks) is is_desk]
            if scope == "town":
                yield from self._sums("wards", named["wards"], measures)
            for row in own:
                note = notes.get((row["unit_code"], row["unit_name"]), "")
                yield self._line(row, clean(str(row["unit_name"]), 80), measures, note), False
        yield from self._sums("town", named["town"], measures)

    def _sums(self, scope: str, name: str, measures: list[str]) -> Iterator[tuple[list[str], bool]]:
        for row in whole_rows(self.release.dataset, scope).to_dict("records"):
            count = f"{int(row['units_in'])}/{int(row['units_expected'])}"
            note = self.say("chưa đầy đủ", "partial") if row["is_partial"] else ""
            yield self._line(row, f"{clean(name, 80)} ({count})", measures, note), True

    def _line(self, row: Any, name: str, measures: list[str], note: str) -> list[str]:
        counts = [number_words(row[measure], self.language) for measure in measures]
        if self._is_adjusted:
            counts.append(signed_words(row["adjustment"], self.language))
        rates = [percent_words(rate, self.language) for rate in rates_of(row, self.release.reference)]
        return [name + (" †" if is_decided(row) else ""), *counts, *rates, note]

    def _notes(self) -> dict[tuple[str, str], str]:
        """Say of each unit what its figures lack, whether it was late, and whether it has ended."""
        dataset, notes = self.release.dataset, dict[tuple[str, str], list[str]]()
        for absence in find_absences(dataset):
            words = name_status(absence.status, self.language)
            if not absence.is_whole:
                words += ": " + say_months(absence.months, self.language)
            notes.setdefault((absence.unit_code, absence.unit_name), []).append(words)
        for row in dataset.coverage.itertuples(index=False):
            unit = (str(row.unit_code), str(row.unit_name))
            if row.expected and row.is_late and str(row.status).startswith("accepted"):
                notes.setdefault(unit, []).append(self.say("nộp muộn", "late"))
            if row.is_closed:
                notes.setdefault(unit, []).append(name_status("closed", self.language))
        return {unit: "; ".join(dict.fromkeys(said)) for unit, said in notes.items()}
