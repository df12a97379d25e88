"""The paragraph for the leader, in the style of official reports: every number in it stands in the dataset."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from etl.model import WARD_KINDS, Language
from etl.phrases import clean, label_measure, number_words
from etl.publishing.absences import find_absences, join_names, say_absence
from etl.publishing.narrative_counts import read_counts, tell_counts
from etl.publishing.narrative_remarks import remark
from etl.publishing.published_tables import pick, whole_rows
from etl.publishing.release import Release
from etl.publishing.roles import find_roles
from etl.publishing.spoken_period import begin_with_period, say_period


@dataclass(frozen=True, slots=True)
class Narrative:
    """A paragraph, sentence by sentence; the first says whether the figures are partial."""

    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


def compose_narrative(release: Release, language: Language) -> Narrative:
    """Tell the figures of a release: who is in them, the wards, the desk, the town, and what has to be known of them.

    *Missing*: a measure that is not reported is left out, never told as 0.
    """
    teller = _Teller(release, language)
    told = [*teller.tell_partial(), *teller.tell_scopes(), *remark(release, language)]
    return Narrative(tuple(told))


@dataclass(frozen=True, slots=True)
class _Teller:
    """Knows the release and the words of its town."""

    release: Release
    language: Language

    def say(self, vi: str, en: str) -> str:
        return pick(self.language, vi, en)

    @property
    def town(self) -> str:
        town = self.release.reference.town
        return clean(self.say(town.name_vi, town.name_en), 80)

    def tell_partial(self) -> Iterator[str]:
        """Say first, where it is so, that units are missing, which, and of how many."""
        dataset = self.release.dataset
        absences = find_absences(dataset)
        rows = whole_rows(dataset, "town")
        if not absences or rows.empty:
            return
        period = say_period(dataset.period, self.language)
        count = f"{int(rows.iloc[0]['units_in'])}/{int(rows.iloc[0]['units_expected'])}"
        all_months = len(dataset.periods) > 1
        reported = self.say(
            f"mới có {count} đơn vị báo cáo" + (" đủ các tháng" if all_months else ""),
            f"{count} units have reported" + (" for every month" if all_months else ""),
        )
        head = self.say(
            f"Số liệu {period} của {self.town} chưa đầy đủ", f"The figures of {self.town} for {period} are partial"
        )
        parts = [f"{head}: {reported}"]
        for status, vi, en in (
            ("missing", "chưa có báo cáo của", "no report from"),
            ("rejected", "báo cáo bị trả lại để sửa:", "sent back to be corrected:"),
        ):
            names = [say_absence(one, dataset, self.language) for one in absences if one.status == status]
            if names:
                parts.append(f"{self.say(vi, en)} {join_names(names, self.language)}")
        yield "; ".join(parts) + "."

    def tell_scopes(self) -> Iterator[str]:
        """Tell wards, desk and town; the town only where it is more than one of them."""
        found = {scope: whole_rows(self.release.dataset, scope) for scope in ("wards", "desk", "town")}
        rows = {scope: some.iloc[0] for scope, some in found.items() if not some.empty}
        if len(rows) == 2:
            rows.pop("town", None)
        begin = begin_with_period(self.release.dataset.period, self.language)
        for scope, row in rows.items():
            subject = self._subject(scope) + self._counted(row)
            told = self._figures(row)
            lead, begin = (f"{begin}, {subject}" if begin else subject), ""
            lead += ": " if self._is_listed else " "
            yield lead[:1].upper() + lead[1:] + (told or self.say("chưa có số liệu", "no figures yet")) + "."

    @property
    def _is_listed(self) -> bool:
        roles = find_roles(self.release.reference.form)
        return roles is None or not roles.is_official

    def _figures(self, row: Any) -> str:
        """Tell the figures of a row: as officials do where the form is theirs, else its labels and numbers."""
        form = self.release.reference.form
        roles = find_roles(form)
        if roles is not None and roles.is_official:
            return tell_counts(read_counts(row, roles), self.language)
        return ", ".join(
            f"{_uncapitalised(label_measure(form, name, self.language))} {number_words(row[name], self.language)}"
            for name in form.measure_names
            if not pd.isna(row[name])
        )

    def _subject(self, scope: str) -> str:
        if scope == "town":
            return self.say(f"tính chung toàn {self.town}", f"{self.town} as a whole")
        if scope == "wards":
            return self.say(self._wards(), "the wards together")
        coverage = self.release.dataset.coverage
        names = coverage.loc[coverage["expected"] & coverage["is_desk"], "unit_name"].unique().tolist()
        desk = clean(str(names[0]), 80) if len(names) == 1 else f"các bộ phận của {self.town}"
        return self.say(desk, "the town's own desk")

    def _wards(self) -> str:
        coverage = self.release.dataset.coverage
        present = set(coverage.loc[coverage["expected"] & ~coverage["is_desk"], "unit_kind"])
        kinds = [kind for kind in ("xã", *WARD_KINDS) if kind in present]
        if self._is_listed or not kinds:
            return "các đơn vị cộng lại"
        return "Bộ phận Tiếp nhận và Trả kết quả các " + ", ".join(dict.fromkeys(kinds))

    def _counted(self, row: Any) -> str:
        if not row["is_partial"]:
            return ""
        count = f"{int(row['units_in'])}/{int(row['units_expected'])}"
        return self.say(f" ({count} đơn vị báo cáo đủ)", f" ({count} units complete)")


def _uncapitalised(label: str) -> str:
    return label[:1].lower() + label[1:]
