"""What the sheets of a release say alike, in the town's language: who is missing, which publication it is, columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from etl.forms import ColumnKind, Edition, Measure
from etl.model import Language
from etl.phrases import clean, label_measure, name_period, number_words
from etl.publishing.absences import find_absences, say_absence, say_months
from etl.publishing.published_tables import (
    SCOPE_NAMES,
    is_decided,
    name_field,
    name_system,
    pick,
    rates_of,
    shown_measures,
    whole_rows,
)
from etl.publishing.release import Release
from etl.publishing.workbook_cells import Signed, Value
from etl.reference import Reference
from etl.town_dataset import TownDataset

_UNITS = ("ward", "group")


@dataclass(frozen=True, slots=True)
class ReleaseWords:
    """Knows a release and the town's words for it."""

    release: Release

    def say(self, vi: str, en: str) -> str:
        return pick(self.reference.town.language, vi, en)

    @property
    def dataset(self) -> TownDataset:
        return self.release.dataset

    @property
    def reference(self) -> Reference:
        return self.release.reference

    @property
    def language(self) -> Language:
        return Language(self.reference.town.language)

    @property
    def edition(self) -> Edition:
        """Give the official sheet that is in force at the end of the period; where there is none, the nearest to it.

        A form that has no sheets is printed as its first edition.
        """
        day, form = self.dataset.period.end, self.reference.form
        nearest = min(form.sheets, key=lambda one: abs((one.valid_from or day) - day), default=form.editions[0])
        return form.sheet_on(day) or nearest

    @property
    def has_official_form(self) -> bool:
        """Tell whether an official sheet was in force at the end of the period."""
        return self.reference.form.sheet_on(self.dataset.period.end) is not None

    @property
    def is_adjusted(self) -> bool:
        """Tell whether any figure needs an adjustment for its stocks and flows to follow from each other."""
        return bool(self.dataset.frame["adjustment"].fillna(0).ne(0).any()) or not self.dataset.adjustments.empty

    @property
    def unit_scope(self) -> str:
        """Name the scope whose rows are single units; groups of them where figures are recast."""
        return next((scope for scope in reversed(_UNITS) if self.dataset.frame["scope"].eq(scope).any()), _UNITS[0])

    def scopes(self) -> tuple[tuple[str, str], ...]:
        return tuple((scope, self.say(*names)) for scope, names in SCOPE_NAMES.items())

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.reference.town.time_zone):%d/%m/%Y %H:%M}"

    def count(self, value: Any) -> str:
        return number_words(value, self.language)

    def period(self, key: str) -> str:
        return name_period(key, self.language)

    def field(self, code: str) -> str:
        return name_field(code, self.reference, self.language)

    def system(self, code: str) -> str:
        return name_system(code, self.reference, self.language)

    def measure(self, name: str) -> str:
        label = label_measure(self.reference.form, name, self.language)
        return label[:1].upper() + label[1:]

    # Which publication, and who is not in it

    def publication(self) -> str:
        number, moment = self.release.number, self.moment(self.release.published_at)
        if number == 0:
            return self.say(f"Chưa công bố; lập lúc {moment}", f"Not published; made {moment}")
        said = self.say("Công bố lần", "Publication no.") + f" {number}, {moment}"
        return said if number == 1 else said + self.say(f"; thay cho lần {number - 1}", f"; replaces no. {number - 1}")

    @property
    def partial_mark(self) -> str:
        """Name figures that a unit is missing from."""
        return self.say("CHƯA ĐẦY ĐỦ", "PARTIAL")

    def partial(self, *, has_months: bool = True) -> str:
        """Say loudly that figures are partial, and who is not in them. *Missing*: "" where all are in."""
        absent = self.absent(has_months=has_months)
        return self.say("SỐ LIỆU CHƯA ĐẦY ĐỦ", "PARTIAL FIGURES") + f": {absent}" if absent else ""

    def absent(self, *, has_months: bool = True) -> str:
        """Name who sent nothing and who was sent back, with the months where the period has several, or without."""
        parts, absences = [], find_absences(self.dataset)
        for status, vi, en in (("missing", "chưa có báo cáo", "no report"), ("rejected", "bị trả lại", "sent back")):
            absent = [one for one in absences if one.status == status]
            names = [say_absence(one, self.dataset, self.language) for one in absent if has_months]
            if names := names or [clean(one.unit_name, 80) for one in absent]:
                parts.append(f"{self.say(vi, en)} ({len(names)}): {', '.join(names)}")
        return "; ".join(parts)

    def units_with(self, chosen: "pd.Series[bool]", *, expected: bool = True) -> list[str]:
        """Name the units of the chosen rows of the coverage, with their months where the period has several."""
        rows = self.dataset.coverage[chosen & (self.dataset.coverage["expected"] | (not expected))]
        months: dict[tuple[str, str], list[str]] = {}
        for row in rows.itertuples(index=False):
            months.setdefault((str(row.unit_code), str(row.unit_name)), []).append(str(row.period_key))
        several = len(self.dataset.periods) > 1
        return [
            clean(name, 80) + (f" ({say_months(keys, self.language)})" if several else "")
            for (_, name), keys in months.items()
        ]

    # Columns of figures

    def measures(self) -> list[Measure]:
        return shown_measures(self.dataset.frame, self.edition, self.reference.form.measures)

    def heading(self, measures: Sequence[Measure], first: str) -> list[list[str]]:
        """Give the labels of the columns, and under them the numbers that the form's edition gives them."""
        kinds = {column.kind: column.number for column in self.edition.columns}
        rates = [self.say(rate.label_vi, rate.label_en) + " (%)" for rate in self.reference.form.rates]
        adjustment = [self.say("Điều chỉnh", "Adjustment")] if self.is_adjusted else []
        labels = [self.measure(m.name) for m in measures] + [*adjustment, *rates]
        numbers = [kinds.get(ColumnKind.ROW_NUMBER), kinds.get(ColumnKind.FIELD)]
        numbers += [self.edition.number_of(m.name) for m in measures] + [None] * (len(adjustment) + len(rates))
        head = [self.say("STT", "No."), first, *(label[:1].upper() + label[1:] for label in labels)]
        return [head, [f"({number})" if number else "" for number in numbers]]

    def figures(self, row: Any, measures: Sequence[Measure]) -> list[Value]:
        """Give the cells of a row of figures, in the order of `heading`."""
        counts: list[Value] = [None if pd.isna(row[m.name]) else int(row[m.name]) for m in measures]
        if self.is_adjusted:
            counts.append(None if pd.isna(row["adjustment"]) else Signed(int(row["adjustment"])))
        return [*counts, *rates_of(row, self.reference)]

    def counted(self, name: str, row: Any) -> str:
        """Name a sum together with how many of its units are in it: "Các phường, xã (14/15)"."""
        return f"{name} ({int(row['units_in'])}/{int(row['units_expected'])}){self.mark(row)}"

    def mark(self, row: Any) -> str:
        """Mark what holds an accepted finding or a corrected figure; the sheet on coverage says which."""
        return " †" if is_decided(row) else ""

    def whole(self, scope: str) -> "pd.Series[Any] | None":
        """Give the row of a scope that stands for everything. *Missing*: None where nobody reports to it."""
        rows = whole_rows(self.dataset, scope)
        return None if rows.empty else rows.iloc[0]
