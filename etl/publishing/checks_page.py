"""The report of the checks: what every report was held against, what was found, and what came of it; one HTML file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from etl.letters.finding_words import count_words, finding_rows
from etl.model import Finding, Language, Severity
from etl.phrases import clean, name_period, number_words
from etl.publishing.page import publication_words
from etl.publishing.page_html import render_html
from etl.publishing.published_tables import decision_lines, name_status, pick
from etl.publishing.release import Release
from etl.publishing.rule_table import build_rule_lines
from etl.publishing.spoken_period import say_period

MOST_OPEN = 12  # findings of a report up to which its list is open at first
_WEIGHTS = {"rejected": 0, "missing": 1, "accepted with warnings": 2, "accepted": 3}


@dataclass(frozen=True, slots=True)
class Line:
    """A finding as the page shows it. `kind`: error, warning, question, accepted (a waiver) or corrected."""

    kind: str
    kind_words: str
    rule: str
    where: str
    found: str
    expected: str
    message: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A unit's report of a period, with its verdict and findings, the worst first."""

    name: str
    status: str
    verdict: str
    count: str
    is_open: bool
    lines: tuple[Line, ...]


def compose_checks_page(release: Release, language: Language) -> bytes:
    """Write the report of the checks as HTML. The same release gives the same bytes."""
    judged = list(build_judged(release, language))
    reference, period = release.reference, release.dataset.period
    said = say_period(period, language)
    town = clean(pick(language, reference.town.name_vi, reference.town.name_en), 80)
    return render_html(
        f"checks.{language}.html.j2",
        "page.css",
        "checks.css",
        language=language,
        town=town[:1].upper() + town[1:],
        period=f"{said[:1].upper()}{said[1:]} ({period.start:%d/%m/%Y} – {period.end:%d/%m/%Y})",
        publication=publication_words(release, language),
        counts=_counts(release, judged, language),
        rules=build_rule_lines(release, language),
        severities={str(severity): pick(language, *_KINDS[str(severity)]) for severity in Severity},
        noted=[one for one in judged if one.lines or one.status not in ("accepted", "accepted with warnings")],
        clean=[one for one in judged if not one.lines and one.status in ("accepted", "accepted with warnings")],
        decisions=decision_lines(release.dataset, language),
    )


def build_judged(release: Release, language: Language) -> Iterator[Judged]:
    """Give each report that was expected or came, the worst verdict and the most findings first."""
    of_report: dict[tuple[str, str], list[Finding]] = {}
    for finding in release.findings:
        of_report.setdefault((finding.unit or "", finding.period or ""), []).append(finding)
    found = []
    for row in release.dataset.coverage.to_dict("records"):
        own = of_report.pop((str(row["unit_code"]), str(row["period_key"])), [])
        found.append((_WEIGHTS.get(row["status"], 4), -len(own), row, own))
    for (unit, period), own in of_report.items():
        row = {"unit_name": unit or release.reference.town.name_vi, "period_key": period, "status": "", "is_late": None}
        found.append((_WEIGHTS["rejected"], -len(own), row, own))
    for _, _, row, own in sorted(found, key=lambda one: one[:2]):
        yield _judged(row, own, release, language)


def _judged(row: Any, findings: Sequence[Finding], release: Release, language: Language) -> Judged:
    status = str(row["status"])
    verdict = name_status(status, language) if status else pick(language, "ngoài danh sách phải nộp", "not expected")
    if row["is_late"] and status.startswith("accepted"):
        verdict += pick(language, ", nộp muộn", ", late")
    period = name_period(str(row["period_key"]), language)
    ordered = sorted(findings, key=lambda finding: list(_KINDS).index(kind_of(finding)))
    return Judged(
        name=f"{clean(str(row['unit_name']), 80)}, {period}".rstrip(", "),
        status=status,
        verdict=verdict,
        count=count_words(ordered, language),
        is_open=len(ordered) <= MOST_OPEN,
        lines=tuple(_lines(ordered, release, language)),
    )


_KINDS = {
    "error": ("Lỗi", "Error"),
    "warning": ("Lưu ý", "Warning"),
    "question": ("Hỏi lại", "Question"),
    "corrected": ("Đã sửa", "Corrected"),
    "accepted": ("Được chấp nhận", "Accepted"),
}


def kind_of(finding: Finding) -> str:
    """Tell what a finding still asks for: an accepted or corrected one asks for nothing any more."""
    if finding.waiver_no is not None:
        return "accepted"
    if finding.rule == "V.corrected":
        return "corrected"
    return "question" if finding.is_question else str(finding.severity)


def _lines(findings: Sequence[Finding], release: Release, language: Language) -> Iterator[Line]:
    rows = finding_rows(findings, release.reference, language)
    for finding, (where, found, expected, message, suggestion) in zip(findings, rows, strict=True):
        kind = kind_of(finding)
        yield Line(kind, pick(language, *_KINDS[kind]), finding.rule, where, found, expected, message, suggestion)


def _counts(release: Release, judged: Sequence[Judged], language: Language) -> list[tuple[str, str]]:
    """Count what was looked at and what came of it."""
    coverage = release.dataset.coverage
    status = coverage.loc[coverage["expected"], "status"]
    kinds = [line.kind for one in judged for line in one.lines]
    counted = (
        (("Báo cáo phải nộp", "Reports expected"), len(status)),
        (("Đã nhận", "In"), int(status.eq("accepted").sum())),
        (("Đã nhận, có lưu ý", "In, with warnings"), int(status.eq("accepted with warnings").sum())),
        (("Bị trả lại", "Sent back"), int(status.eq("rejected").sum())),
        (("Chưa có", "Missing"), int(status.eq("missing").sum())),
        *((words, kinds.count(kind)) for kind, words in _KINDS.items()),
    )
    return [(pick(language, *words), number_words(count, language)) for words, count in counted]
