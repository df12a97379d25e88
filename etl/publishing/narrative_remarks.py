"""What has to be known of the figures: adjustments, late reports, decisions, and what they replace."""

from collections.abc import Iterator
from dataclasses import dataclass

from etl.model import Language
from etl.phrases import clean, label_measure, name_period, number_words
from etl.publishing.absences import join_names
from etl.publishing.adjustment_words import kind_words, signed_words, whole_adjustments
from etl.publishing.change_words import line_words
from etl.publishing.changes import Changes, FigureChange
from etl.publishing.published_tables import ALL, late_units, pick
from etl.publishing.release import Release

_SCOPES = ("town", "wards", "desk")


def remark(release: Release, language: Language) -> Iterator[str]:
    """Say, a sentence each, what is not plain about the figures."""
    remarks = _Remarks(release, language)
    yield from remarks.say_adjustments()
    yield from remarks.say_late()
    yield from remarks.say_decisions()
    yield from remarks.say_restatement()


def find_largest_change(changes: Changes) -> FigureChange | None:
    """Find the change that matters most: of the widest sum, and there the one of most dossiers."""
    return min(changes.figures, key=importance, default=None)


def importance(change: FigureChange) -> tuple[int, bool, bool, int]:
    """Order changes: the widest sums first, and there those of most dossiers."""
    rank = _SCOPES.index(change.scope) if change.scope in _SCOPES else len(_SCOPES)
    size = abs(change.by) if change.by is not None else max(change.before or 0, change.after or 0)
    return rank, change.field != ALL, change.source_system != ALL, -size


@dataclass(frozen=True, slots=True)
class _Remarks:
    """Knows the release and the language."""

    release: Release
    language: Language

    def say(self, vi: str, en: str) -> str:
        return pick(self.language, vi, en)

    def say_adjustments(self) -> Iterator[str]:
        """Say by how much the stocks differ, and why, reason by reason."""
        rows = whole_adjustments(self.release.dataset)
        if rows.empty:
            return
        net, reasons = int(rows["amount"].sum()), []
        for kind, some in rows.groupby("kind", sort=False):
            names = join_names(dict.fromkeys(clean(str(n), 80) for n in some["unit_name"]), self.language, most=3)
            amount = signed_words(int(some["amount"].sum()), self.language)
            reasons.append(f"{kind_words(str(kind), self.language)} ({names}: {amount})")
        why = "; ".join(reasons)
        if net == 0:
            yield self.say(
                f"Số hồ sơ chuyển giữa các tháng có chênh lệch nhưng bù trừ nhau: {why}.",
                f"Stocks do not continue from month to month, but the differences cancel out: {why}.",
            )
            return
        size = number_words(abs(net), self.language)
        side = ("nhiều hơn", "more") if net > 0 else ("ít hơn", "fewer")
        yield self.say(
            f"Cuối kỳ còn {side[0]} {size} hồ sơ so với số tính từ đầu kỳ, tiếp nhận và giải quyết: {why}.",
            f"At the end {size} {side[1]} dossiers are held than opening, received and resolved ones give: {why}.",
        )

    def say_late(self) -> Iterator[str]:
        names = [clean(name, 80) for name in dict.fromkeys(late_units(self.release.dataset))]
        if names:
            listed, count = join_names(names, self.language), len(names)
            yield self.say(
                f"Có {count} đơn vị gửi báo cáo muộn: {listed}.",
                f"{count} unit{'s' * (count != 1)} reported late: {listed}.",
            )

    def say_decisions(self) -> Iterator[str]:
        kinds = [decision.kind for decision in self.release.dataset.decisions]
        waived, corrected = kinds.count("waiver"), kinds.count("correction")
        vi = [f"{waived} lỗi được chấp nhận"] * bool(waived) + [f"{corrected} chỗ đã sửa"] * bool(corrected)
        en = [f"{waived} finding(s) accepted"] * bool(waived) + [f"{corrected} figure(s) corrected"] * bool(corrected)
        if vi:
            yield self.say(
                f"Trong số liệu có {' và '.join(vi)}, có ghi lý do.",
                f"The figures hold {' and '.join(en)}, each with its reason.",
            )

    def say_restatement(self) -> Iterator[str]:
        """Say which publication this one replaces, with the change that matters most and who made it."""
        changes, number = self.release.changes, self.release.number
        if changes is None:
            if number > 1:
                yield self.say(
                    f"Số liệu này thay cho công bố lần {number - 1}.", f"This replaces publication no. {number - 1}."
                )
            return
        day = changes.published_before.astimezone(self.release.reference.town.time_zone)
        head = self.say(
            f"Số liệu này thay cho công bố lần {changes.number_before} ngày {day:%d/%m/%Y}",
            f"This replaces publication no. {changes.number_before} of {day:%d/%m/%Y}",
        )
        largest = find_largest_change(changes)
        if largest is None:
            yield head + self.say("; các số liệu không đổi.", "; no figure has changed.")
            return
        yield f"{head}; {self._change(largest)}{self._causes(changes)}."

    def _change(self, change: FigureChange) -> str:
        label = label_measure(self.release.reference.form, change.measure, self.language)
        label = label[:1].lower() + label[1:]
        place = line_words(change, self.release.reference, self.language)
        place = place[:1].lower() + place[1:]
        before, after = (number_words(count, self.language) for count in (change.before, change.after))
        by = signed_words(change.by, self.language)
        if change.before is None:
            told = self.say(f"nay là {after} (trước đây chưa có số liệu)", f"is now {after} (not known before)")
        elif change.after is None:
            told = self.say(f"trước là {before}, nay chưa có số liệu", f"was {before} and is not known now")
        else:
            told = self.say(f"từ {before} thành {after} ({by})", f"from {before} to {after} ({by})")
        return self.say(
            f"thay đổi lớn nhất: {label} của {place} {told}", f"the largest change: {label}, {place}, {told}"
        )

    def _causes(self, changes: Changes) -> str:
        """Name whose reports have changed; what became of each stands in the list of changes."""
        said = dict.fromkeys(
            f"{clean(one.unit_name, 80)} ({name_period(one.period_key, self.language)})" for one in changes.reports
        )
        listed = join_names(said, self.language, most=3)
        return (
            self.say(f", sau khi có thay đổi về báo cáo của {listed}", f", after changes to the reports of {listed}")
            if said
            else ""
        )
