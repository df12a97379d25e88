"""Put findings into the rows of a letter: where, what was found, what was expected, what to do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from etl.model import Finding, Language, Severity
from etl.phrases import clean, label_measure, number_words
from etl.reference import Reference

REASONS = {
    "decimal_point": (
        "dấu chấm hàng nghìn bị hiểu thành dấu thập phân",
        "the thousands point was taken for a decimal one",
    ),
    "sign": ("bỏ dấu trừ", "without the minus sign"),
    "words": ("bỏ phần chữ", "without the words"),
    "date_format": ("ô bị định dạng thành ngày tháng", "the cell was formatted as a date"),
    "brackets": ("bỏ dấu ngoặc", "without the brackets"),
    "similar_name": ("tên gần giống", "a similar name"),
}
"""What the reasons of suggestions mean, in Vietnamese and in English."""


def count_words(findings: Iterable[Finding], language: Language) -> str:
    """Count findings: "2 lỗi, 1 lưu ý"."""
    severities = [finding.severity for finding in findings]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    if language is Language.VI:
        words = (f"{errors} lỗi", f"{warnings} lưu ý")
    else:
        words = (f"{errors} error{'s' * (errors != 1)}", f"{warnings} warning{'s' * (warnings != 1)}")
    return ", ".join(word for word, count in zip(words, (errors, warnings), strict=True) if count)


def finding_rows(findings: Iterable[Finding], reference: Reference, language: Language) -> Iterator[tuple[str, ...]]:
    """Give a row per finding: where, found, expected, what to do, suggestion."""
    for finding in findings:
        said = finding.message_vi if language is Language.VI else finding.message_en
        yield (
            place_words(finding, reference, language),
            _figure(finding.found, language),
            _figure(finding.expected, language),
            clean(said, 600),
            suggestion_words(finding.suggestion, reference, language, said=said),
        )


def _figure(text: str | None, language: Language) -> str:
    """Show what was found or expected; a plain count with its thousands apart."""
    if text and text.isascii() and text.isdigit() and len(text) < 16:
        return number_words(int(text), language)
    return clean(text or "", 120)


def place_words(finding: Finding, reference: Reference, language: Language) -> str:
    """Say where a finding is: "ô C12, trang “Biểu”, Hộ tịch, Tổng số tiếp nhận"."""
    is_vi = language is Language.VI
    places = (
        f"{'ô' if is_vi else 'cell'} {clean(finding.cell, 20)}" if finding.cell else "",
        f"{'trang' if is_vi else 'sheet'} “{clean(finding.sheet, 40)}”" if finding.sheet else "",
        field_name(finding.field, reference),
        label_measure(reference.form, finding.measure, language) if finding.measure else "",
    )
    said = ", ".join(place for place in places if place) or ("cả tệp" if is_vi else "the file as a whole")
    return said[:1].upper() + said[1:]


def field_name(code: str | None, reference: Reference) -> str:
    """Name a field; a text that is no known code stays, and the row for all fields has no name."""
    known = reference.field(code) if code else None
    return known.name if known else clean(code or "", 60) if code != "all" else ""


def suggestion_words(
    suggestion: Mapping[str, Any] | None, reference: Reference, language: Language, *, said: str = ""
) -> str:
    """Say what a cell probably should be, or between which values the sheet leaves the choice.

    A reason that was `said` already is not said again.
    """
    if not suggestion:
        return ""
    choices = suggestion.get("either") or [suggestion]
    either = " hoặc " if language is Language.VI else " or "
    return clean(either.join(_choice_words(choice, reference, language, said) for choice in choices), 400)


def _choice_words(choice: Mapping[str, Any], reference: Reference, language: Language, said: str) -> str:
    measure, cell, reason = choice.get("measure"), choice.get("cell"), choice.get("reason")
    place = f"{'ô' if language is Language.VI else 'cell'} {cell}" if cell else ""
    place = place or (label_measure(reference.form, str(measure), language) if measure else "")
    reason = _reason_words(reason, language)
    reason = "" if reason.split("; ")[0] in said or (said and "→" in reason) else reason
    value = _figure(str(choice.get("value", "")), language)
    return clean(f"{place} = {value}" + (f" ({reason})" if reason else ""), 200)


def _reason_words(reason: Any, language: Language) -> str:
    """Say why a value was probably meant; a reason that has no words yet stays unsaid rather than in code."""
    if isinstance(reason, Mapping):
        return str(reason.get(language, ""))
    vi, en = REASONS.get(str(reason), ("", ""))
    if vi:
        return vi if language is Language.VI else en
    return "" if reason is None or re.fullmatch(r"[a-z_]*", str(reason)) else str(reason)
