"""Say at a cell what was found there: the comments in a marked workbook."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from etl.letters.finding_words import finding_rows
from etl.marking.job import Mark, Note
from etl.model import CheckedReport, Finding, Language, Severity
from etl.phrases import clean, number_words
from etl.reference import Reference

_MOST_NOTES = 3_000  # more comments make a workbook that nobody can open quickly
_MOST_LETTERS = 2_000  # of a message
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
MARK_OF = {Severity.ERROR: Mark.ERROR, Severity.WARNING: Mark.WARNING}


def find_notes(outcome: Sequence[CheckedReport], reference: Reference) -> Iterator[Note]:
    """Give a note for each finding at a cell, and one for each other cell that probably holds the mistake."""
    findings = [finding for checked in outcome for finding in checked.findings if is_placed(finding)]
    findings = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)[:_MOST_NOTES]
    for finding in findings:
        yield _note(finding, reference)
    proposed: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        cell = _proposed_cell(finding)
        if cell and cell != finding.cell:
            proposed.setdefault((finding.sheet or "", cell), []).append(finding)
    for (sheet, cell), agreeing in proposed.items():
        yield _proposal(sheet, cell, agreeing)


def is_placed(finding: Finding) -> bool:
    """Tell whether a finding names a sheet and a cell of it."""
    return bool(finding.sheet and finding.cell and _CELL.fullmatch(finding.cell))


def message_words(finding: Finding) -> str:
    """Give the whole message: what a mail cuts short has room in a workbook."""
    return clean(finding.message_vi, _MOST_LETTERS)


def without_told_reason(finding: Finding) -> Finding:
    """Leave out why a value is proposed where the message says so already."""
    suggestion = finding.suggestion
    if not suggestion:
        return finding
    choices = [_drop_told(choice, finding.message_vi) for choice in suggestion.get("either") or [suggestion]]
    return replace(finding, suggestion={"either": choices} if len(choices) > 1 else choices[0])


def _drop_told(choice: dict[str, Any], message: str) -> dict[str, Any]:
    return choice | {"reason": None} if str(choice.get("reason")) in message else choice


def _note(finding: Finding, reference: Reference) -> Note:
    ((_, found, expected, _, suggested),) = finding_rows([without_told_reason(finding)], reference, Language.VI)
    lines = (
        f"Ghi: {found}" if found else "",
        f"Theo các ô khác: {expected}" if expected else "",
        f"Có lẽ đúng là: {suggested}" if suggested else "",
        message_words(finding),
    )
    text = "\n".join(line for line in lines if line)
    return Note(finding.sheet or "", finding.cell or "", MARK_OF[finding.severity], text)


def _proposed_cell(finding: Finding) -> str | None:
    """Give the one cell that a finding's proposal would change."""
    suggestion = finding.suggestion or {}
    cell = suggestion.get("cell")
    return cell if isinstance(cell, str) and _CELL.fullmatch(cell) else None


def _proposal(sheet: str, cell: str, agreeing: Sequence[Finding]) -> Note:
    values = dict.fromkeys(_value_words((finding.suggestion or {}).get("value")) for finding in agreeing)
    reasons = dict.fromkeys(_reason((finding.suggestion or {}).get("reason")) for finding in agreeing)
    places = ", ".join(dict.fromkeys(f"ô {finding.cell}" for finding in agreeing))
    lines = (f"Có lẽ đúng là: {' hoặc '.join(values)}", *reasons, f"Xem thêm ghi chú ở {places}.")
    return Note(sheet, cell, Mark.PROPOSAL, "\n".join(line for line in lines if line))


def _value_words(value: Any) -> str:
    return number_words(value, Language.VI) if isinstance(value, int) else clean(str(value), 120)


def _reason(reason: Any) -> str:
    """Give a reason that is a sentence; a word of the program's own is none."""
    text = clean(str(reason or ""), 400)
    return text[:1].upper() + text[1:] + "." if " " in text else ""
