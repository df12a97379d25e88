"""One file on its whole way without a warehouse: read, checked, and answered with a receipt and a marked workbook."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from etl.check import CheckContext, check
from etl.errors import SubmissionError
from etl.letters.marked_workbook import compose_marked_workbook
from etl.letters.receipts import compose_receipt
from etl.mail import Message
from etl.model import CheckedReport, Finding, Severity, Submission
from etl.parse import parse
from etl.reference import Reference
from etl.settings import Limits

MADE = Finding("S", "S.empty", Severity.WARNING, "thử", "a try", sheet="?", cell="B2")
SENT_AT = datetime(2022, 4, 17, 2, 14, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a file. `rule`: why it could not be read; empty where it was."""

    rule: str
    reports: tuple[CheckedReport, ...]
    findings: tuple[Finding, ...]
    receipt: Message
    marked: bytes | None
    seconds: float
    """Wall time from the bytes to the receipt with its workbook."""

    @property
    def outcome(self) -> str:
        """Say in a word or two what became of it, for counting."""
        rules = self.rule or ",".join(sorted({finding.rule for finding in self.findings})) or "nothing found"
        return f"{rules} {'marked' if self.marked else 'not marked'}"


def answer(path: Path, name: str, reference: Reference, limits: Limits) -> Answered:
    """Take one file all the way. Nothing but a `SubmissionError` may be raised on it, and that is a verdict.

    A file without any finding is given one, so that a marked workbook is composed of each.
    """
    submission = Submission("ab" * 32, name, path.stat().st_size, SENT_AT, path, sent_by="09574")
    start = time.perf_counter()
    try:
        reports = parse(submission, reference, limits=limits)
    except SubmissionError as error:
        receipt = compose_receipt(submission, error, reference)
        finding = Finding(error.rule[0], error.rule, Severity.ERROR, error.message_vi, error.message_en)
        return Answered(error.rule, (), (finding,), receipt, None, time.perf_counter() - start)
    checked = tuple(check(reports, CheckContext(reference)))
    if not any(one.findings for one in checked):
        checked = tuple(replace(one, findings=(MADE,)) for one in checked)
    copy = compose_marked_workbook(submission, checked, reference, limits)
    receipt = compose_receipt(submission, checked, reference, copy=copy)
    seconds = time.perf_counter() - start
    findings = tuple(finding for one in checked for finding in one.findings)
    return Answered("", checked, findings, receipt, copy.content if copy else None, seconds)
