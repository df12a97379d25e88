"""Compose a receipt: what a ward is told about one file it sent, cell by cell."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, assert_never

import pandas as pd

from etl.errors import SubmissionError
from etl.letters.addresses import addresses_of, sender_code, sender_name
from etl.letters.finding_words import count_words, finding_rows, suggestion_words
from etl.letters.rendering import render_letter, subject_line
from etl.mail import Attachment, MailKind, Message
from etl.model import CheckedReport, Finding, Former, Language, Report, Severity, Submission, Verdict
from etl.phrases import clean, label_measure, moment_words, name_period, number_words
from etl.reference import Reference
from etl.standing import Stand, Standing

MOST_FINDINGS = 50  # a longer list helps nobody: the rest is of the same kind
MOST_REPORTS = 12
MOST_FIELDS = 20
_STAND_TAGS = {
    Stand.WAITS: ("Chờ duyệt", "Waiting for approval"),
    Stand.OLDER: ("Không tính: tệp cũ hơn", "Not counted: an older file"),
    Stand.REPLACED: ("Không tính: đã có báo cáo mới hơn", "Not counted: a newer report counts"),
    Stand.SET_ASIDE: ("Không tính: đã có quyết định", "Not counted: set aside by decision"),
}
_MIXED_TAG = ("Có báo cáo không được tính", "Not all of it counts")
_STATED = ("rule", "severity", "unit", "period", "field", "measure", "sheet", "cell", "found", "expected")

Outcome = Sequence[CheckedReport] | SubmissionError


def compose_receipt(
    submission: Submission,
    outcome: Outcome,
    reference: Reference,
    *,
    former: Sequence[Former] = (),
    stands: Mapping[tuple[str, str], Standing] | None = None,
    copy: Attachment | None = None,
) -> Message:
    """Tell a ward what became of its file: what was read, what is wrong where, what to do and by when.

    It goes to the unit whose folder the file lay in and to the units whose report was taken from it; where neither
    is known, to the units the file names; and to the operator where none of these has an address. `former`: the
    reports that counted until this file came; `stands`: how its own stand beside them, by unit and period;
    `copy`: the file as it was sent, with the cells in question coloured.
    """
    codes = _addressed_units(submission, outcome, reference)
    addresses = addresses_of(codes, reference)
    facts = {
        language: _facts(submission, outcome, reference, language)
        | {
            "is_forwarded": bool(codes) and not addresses,
            "tag": _lower_first(_tag(outcome, stands or {}, language)),
            "has_copy": copy is not None,
            "former": _former_by_report(former, reference, language),
            "stands": {key: str(standing.cause or standing.stand) for key, standing in (stands or {}).items()},
        }
        for language in Language
    }
    text, html = render_letter("receipt", reference.town.language, facts)
    return Message(
        kind=MailKind.RECEIPT,
        topic=submission.sha256,
        state=_state(outcome),
        recipients=addresses or reference.town.operator_recipients,
        subject=_subject(submission, outcome, reference, stands or {}),
        text=text,
        html=html,
        attachments=(copy,) if copy else (),
    )


# ---------------------------------------------------------------------------------------------------------
# To whom, and about which state


def _addressed_units(submission: Submission, outcome: Outcome, reference: Reference) -> list[str]:
    """List the codes of the units a receipt is for."""
    sender = sender_code(submission, reference)
    reports = [] if isinstance(outcome, SubmissionError) else outcome
    taken = [c.report.unit.code for c in reports if c.report.unit and c.verdict is not Verdict.REJECTED]
    named = [c.report.unit.code for c in reports if c.report.unit]
    return list(dict.fromkeys([sender, *taken] if sender else taken or named))


def _state(outcome: Outcome) -> str:
    """Name what a receipt says, whatever words it says it in."""
    if isinstance(outcome, SubmissionError):
        stated: Any = ["unreadable", outcome.rule]
    else:
        stated = [[c.report.unit_label, c.report.period_label, c.verdict, _told(c)] for c in outcome]
    return hashlib.sha256(json.dumps(stated, ensure_ascii=False).encode()).hexdigest()[:32]


def _told(checked: CheckedReport) -> list[str]:
    """Name what was found; a question hangs on reports of other periods, and another one is no other state."""
    return sorted(_finding_state(finding) for finding in checked.findings if not finding.is_question)


def _finding_state(finding: Finding) -> str:
    """Name a finding; what is proposed for it weighs a whole batch, and another proposal is no other state."""
    return json.dumps([getattr(finding, name) for name in _STATED], ensure_ascii=False, default=str)


# ---------------------------------------------------------------------------------------------------------
# The subject says it all


def _subject(
    submission: Submission, outcome: Outcome, reference: Reference, stands: Mapping[tuple[str, str], Standing]
) -> str:
    language = Language(reference.town.language)
    is_vi = language is Language.VI
    if isinstance(outcome, SubmissionError):
        head = "cần gửi lại" if is_vi else "please send again"
        return subject_line(f"[{_tag(outcome, stands, language)}] {head}", clean(submission.name, 80))
    name = clean(submission.name, 60)
    several = f"{len(outcome)} báo cáo trong {name}" if is_vi else f"{len(outcome)} reports in {name}"
    first = outcome[0].report if len(outcome) == 1 else None
    about = (_unit_name(first), name_period(first.period_label, language)) if first else (several,)
    head, *rest = about
    findings = [finding for checked in outcome for finding in checked.findings]
    return subject_line(f"[{_tag(outcome, stands, language)}] {head}", *rest, count_words(findings, language))


def _tag(outcome: Outcome, stands: Mapping[tuple[str, str], Standing], language: Language) -> str:
    """Say in a word what became of a file."""
    if isinstance(outcome, SubmissionError):
        return "Không đọc được" if language is Language.VI else "Unreadable"
    verdict = worst_verdict(outcome)
    words = None if verdict is Verdict.REJECTED else _stand_words({standing.stand for standing in stands.values()})
    return words[language is Language.EN] if words else _verdict_tag(verdict, language)


def _stand_words(told: Set[Stand]) -> tuple[str, str] | None:
    """Say what became of an accepted file, in both languages. *Missing*: None where all that it says counts."""
    if Stand.WAITS in told:
        return _STAND_TAGS[Stand.WAITS]
    return _MIXED_TAG if len(told) > 1 else next((_STAND_TAGS.get(stand) for stand in told), None)


def _lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]


def worst_verdict(reports: Sequence[CheckedReport]) -> Verdict:
    """Give the worst verdict of a file; a file without any report was not accepted."""
    order = (Verdict.REJECTED, Verdict.WARNINGS, Verdict.ACCEPTED)
    return min((c.verdict for c in reports), key=order.index, default=Verdict.REJECTED)


def _verdict_tag(verdict: Verdict, language: Language) -> str:
    is_vi = language is Language.VI
    match verdict:
        case Verdict.ACCEPTED:
            return "Đạt" if is_vi else "Accepted"
        case Verdict.WARNINGS:
            return "Đạt, có lưu ý" if is_vi else "Accepted with warnings"
        case Verdict.REJECTED:
            return "Cần sửa" if is_vi else "To be corrected"
    assert_never(verdict)


# ---------------------------------------------------------------------------------------------------------
# What the letter says


def _facts(submission: Submission, outcome: Outcome, reference: Reference, language: Language) -> dict[str, Any]:
    """Gather what the template of one language shows; every text in it is already one clean line."""
    zone = reference.town.time_zone
    error = outcome if isinstance(outcome, SubmissionError) else None
    reports = [] if isinstance(outcome, SubmissionError) else outcome
    return {
        "town": reference.town.name_vi if language is Language.VI else reference.town.name_en,
        "file_name": clean(submission.name, 120),
        "size": number_words(-(-submission.size_bytes // 1024), language),
        "sha": submission.sha256[:12],
        "received": moment_words(submission.received_at.astimezone(zone), language),
        "error": clean(error.message_vi if language is Language.VI else error.message_en, 600) if error else "",
        "unit": sender_name(submission, reference),
        "reports": [_report_facts(c, submission.received_at, reference, language) for c in reports[:MOST_REPORTS]],
        "more_reports": max(0, len(reports) - MOST_REPORTS),
        "is_one": len(reports) == 1,
    }


def _unit_name(report: Report) -> str:
    return report.unit.name if report.unit else clean(report.unit_text, 60) or "?"


def _report_facts(
    checked: CheckedReport, received_at: datetime, reference: Reference, language: Language
) -> dict[str, Any]:
    report = checked.report
    due = reference.town.due_at(report.period) if report.period else None
    closes_at = reference.town.closes_at(report.period) if report.period else None
    errors = [finding for finding in checked.findings if finding.severity is Severity.ERROR]
    warnings = [finding for finding in checked.findings if finding.severity is Severity.WARNING]
    return {
        "key": (report.unit_label, report.period_label),
        "unit": clean(report.unit.full_name if report.unit else report.unit_text, 80) or "?",
        "period": name_period(report.period_label, language) or "?",
        "verdict": checked.verdict.name,
        "counts": count_words(checked.findings, language),
        "one_cause": _one_cause(errors, reference, language),
        "errors": list(finding_rows(errors[:MOST_FINDINGS], reference, language)),
        "warnings": list(finding_rows(warnings[:MOST_FINDINGS], reference, language)),
        "more_errors": max(0, len(errors) - MOST_FINDINGS),
        "more_warnings": max(0, len(warnings) - MOST_FINDINGS),
        "rows": int((report.frame["kind"] == "field").sum()),
        "totals": list(_totals(report, reference, language)),
        "due": moment_words(due, language) if due else "",
        "is_past_due": due is not None and received_at > due,
        "is_closed": closes_at is not None and received_at > closes_at,
    }


def _one_cause(errors: Sequence[Finding], reference: Reference, language: Language) -> str:
    """Name the one cell that all errors probably come from: "ô I9 = 49". *Missing*: "" where there is no such one."""
    proposed = {(e.sheet, (e.suggestion or {}).get("cell"), (e.suggestion or {}).get("value")) for e in errors}
    if len(errors) < 2 or len(proposed) != 1 or None in next(iter(proposed)):
        return ""
    return suggestion_words(errors[0].suggestion, reference, language, said="→")


def _former_by_report(
    former: Sequence[Former], reference: Reference, language: Language
) -> dict[tuple[str, str], dict[str, Any]]:
    """Say what each report was that counted, and what is different in this one, by unit and period."""
    return {
        (one.unit_code, one.period_key): {
            "received": moment_words(one.received_at.astimezone(reference.town.time_zone), language),
            "name": clean(one.name, 120),
            "missing": ", ".join(_field_names(one, reference)),
            "totals": [
                (label_measure(reference.form, measure, language), f"{number_words(old, language)} → {now}")
                for measure, (old, new) in one.totals.items()
                for now in [number_words(new, language)]
            ],
        }
        for one in former
    }


def _field_names(former: Former, reference: Reference) -> Iterator[str]:
    for code, printed in former.missing_fields[:MOST_FIELDS]:
        known = reference.field(code) if code else None
        yield known.name if known else clean(printed, 80)
    if len(former.missing_fields) > MOST_FIELDS:
        yield f"… +{len(former.missing_fields) - MOST_FIELDS}"


def _totals(report: Report, reference: Reference, language: Language) -> Iterator[tuple[str, str]]:
    """Add up each printed measure over the field rows, as read, so that the clerk knows the report again.

    *Missing*: cells that hold no figure are counted, never taken as 0.
    """
    rows = report.frame[report.frame["kind"] == "field"]
    printed = {measure for columns in report.columns.values() for measure in columns}
    edition = reference.form.edition(report.edition)
    for measure in reference.form.measures:
        if measure.name not in printed or measure.name not in rows:
            continue
        figures = pd.to_numeric(rows[measure.name])
        number, missing = edition.number_of(measure.name), int(figures.isna().sum())
        shown = number_words(figures.sum(min_count=1), language)
        if missing and missing < len(figures):
            shown += (
                f" (thiếu {missing} ô)"
                if language is Language.VI
                else f" (without {missing} cell{'s' * (missing > 1)})"
            )
        label = label_measure(reference.form, measure.name, language)
        yield (f"({number}) {label}" if number else label, shown)
