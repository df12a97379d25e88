"""The lists below the charts: who is missing, open questions, adjustments, decisions, and what changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.letters.finding_words import place_words
from etl.model import Finding, Language, Severity
from etl.phrases import clean, label_measure, moment_words, name_period, number_words
from etl.publishing.absences import find_absences, say_months
from etl.publishing.adjustment_words import adjustment_lines, signed_words
from etl.publishing.change_words import change_lines, line_words, principal_changes
from etl.publishing.changes import Changes
from etl.publishing.narrative_remarks import importance
from etl.publishing.published_tables import decision_lines, name_status, pick
from etl.publishing.release import Release

MOST_QUESTIONS, MOST_LINES, MOST_REASONS = 8, 12, 2


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading. `aligns`: l or r for each column; `sums`: the rows that are sums; `rest`: unlisted."""

    title: str
    head: tuple[str, ...]
    aligns: str
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[int, ...] = ()
    rest: int = 0
    rest_words: str = ""


def build_sections(release: Release, language: Language) -> Iterator[Table]:
    """Build the lists that have anything to say."""
    builder = _Builder(release, language)
    tables = (
        builder.absences(),
        builder.questions(),
        builder.adjustments(),
        builder.decisions(),
        *(builder.changes(release.changes) if release.changes else ()),
    )
    yield from (table for table in tables if table.rows)


@dataclass(frozen=True, slots=True)
class _Builder:
    """Knows the release and the language."""

    release: Release
    language: Language

    def say(self, vi: str, en: str) -> str:
        return pick(self.language, vi, en)

    def _table(
        self, title: str, head: str, aligns: str, rows: Sequence[Sequence[str]], *, most: int = MOST_LINES
    ) -> Table:
        rest = max(0, len(rows) - most)
        return Table(
            title=title,
            head=tuple(head.split("|")),
            aligns=aligns,
            rows=tuple(tuple(row) for row in rows[:most]),
            rest=rest,
            rest_words=self.say(f"… và {rest} mục nữa.", f"… and {rest} more.") if rest else "",
        )

    def absences(self) -> Table:
        """List units whose report is missing or was sent back, with the first reasons; nobody is left out."""
        absences = find_absences(self.release.dataset)
        several = len(self.release.dataset.periods) > 1
        rows = []
        for one in absences:
            months = say_months(one.months, self.language) if several else ""
            status = name_status(one.status, self.language) + (f": {months}" if months else "")
            reasons = self._reasons(one.unit_code, one.months) if one.status == "rejected" else ""
            rows.append((clean(one.unit_name, 80), status, reasons))
        title = self.say("Đơn vị chưa có trong số liệu", "Units not in the figures")
        return self._table(title, self.say("Đơn vị|Báo cáo|Vì sao", "Unit|Report|Why"), "lll", rows, most=len(rows))

    def _reasons(self, code: str, months: Sequence[str]) -> str:
        errors = [f for f in self.release.findings if f.unit == code and f.period in months]
        said = [self.message(f) for f in errors if f.severity is Severity.ERROR and f.waiver_no is None]
        more = f" (+{len(said) - MOST_REASONS})" if len(said) > MOST_REASONS else ""
        return " ".join(clean(one, 240) for one in said[:MOST_REASONS]) + more

    def message(self, finding: Finding) -> str:
        return self.say(finding.message_vi, finding.message_en)

    def questions(self) -> Table:
        """List what is open, the heaviest first; what one rule says of one report is one question."""
        alike: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        for row in self.release.review:
            alike.setdefault((row["rule"], row["unit"], row["period"]), []).append(row)
        shown = list(alike.values())[:MOST_QUESTIONS]
        rows = [self._question(same[0], others=len(same) - 1) for same in shown]
        rest = len(self.release.review) - sum(len(same) for same in shown)
        title = self.say("Việc cần xem lại, ảnh hưởng lớn nhất trước", "Open questions, the heaviest first")
        head = self.say("Đơn vị, chỗ cần xem|Ảnh hưởng (hồ sơ)|Nội dung", "Unit, where|Effect (dossiers)|What")
        table = self._table(title, head, "lrl", rows)
        words = self.say(f"… và {rest} mục nữa: xem báo cáo kiểm tra.", f"… and {rest} more: see the report of checks.")
        return Table(table.title, table.head, table.aligns, table.rows, rest=rest, rest_words=words if rest else "")

    def _question(self, row: Mapping[str, Any], *, others: int) -> tuple[str, str, str]:
        finding = Finding(**{name: value for name, value in row.items() if name in Finding.__slots__})
        coverage = self.release.dataset.coverage
        own = coverage[coverage["unit_code"].eq(finding.unit or "")]
        exact = own[own["period_key"].eq(finding.period or "")]
        names = [*exact["unit_name"], *own["unit_name"]]
        unit = clean(str(names[0] if names else finding.unit or ""), 60)
        if len(self.release.dataset.periods) > 1 and finding.period:
            unit += f", {name_period(finding.period, self.language)}"
        place = place_words(finding, self.release.reference, self.language)
        effect = number_words(row["effect"], self.language) if row["effect"] else ""
        more = self.say(f" (và {others} chỗ tương tự)", f" (and {others} more like it)") if others else ""
        return f"{unit}: {place}", effect, clean(self.message(finding), 320) + more

    def adjustments(self) -> Table:
        lines = list(adjustment_lines(self.release.dataset, self.language))
        title = self.say(
            "Điều chỉnh: từ kỳ trước + tiếp nhận − giải quyết + điều chỉnh = đang giải quyết",
            "Adjustments: carried over + received − resolved + adjustment = pending",
        )
        return self._table(title, self.say("Đơn vị, kỳ|Hồ sơ|Vì sao", "Unit, period|Dossiers|Why"), "lrl", lines)

    def decisions(self) -> Table:
        lines = [(line,) for line in decision_lines(self.release.dataset, self.language)]
        title = self.say("† Lỗi được chấp nhận, số liệu đã sửa", "† Findings accepted, figures corrected")
        return self._table(title, self.say("Quyết định", "Decision"), "l", lines)

    def changes(self, changes: Changes) -> Iterator[Table]:
        """List what changed since the publication before: by whom, and which figures by how much."""
        day = moment_words(changes.published_before.astimezone(self.release.reference.town.time_zone), self.language)
        before = self.say(
            f"Thay đổi so với công bố lần {changes.number_before} ({day})",
            f"Changes since publication no. {changes.number_before} ({day})",
        )
        lines = [(line,) for line in change_lines(changes, self.language)]
        yield self._table(before, self.say("Báo cáo, quyết định", "Report, decision"), "l", lines)
        reference = self.release.reference
        figures = sorted(principal_changes(changes.figures, reference), key=importance)
        rows = [
            (
                line_words(one, reference, self.language),
                label_measure(reference.form, one.measure, self.language),
                number_words(one.before, self.language),
                number_words(one.after, self.language),
                signed_words(one.by, self.language),
            )
            for one in figures
        ]
        head = self.say("Dòng|Chỉ tiêu|Trước|Nay|Chênh", "Line|Measure|Before|Now|Difference")
        title = self.say("Số liệu thay đổi", "Figures that changed") if lines else before
        yield self._table(title, head, "llrrr", rows)
