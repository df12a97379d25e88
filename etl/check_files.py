"""Check files where they lie: parse and check, without a database, an archive or a mail."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from etl.check import CheckContext, check
from etl.errors import SubmissionError
from etl.model import CheckedReport, Finding, Report, Severity, Submission, Verdict, verdict_of
from etl.parse import parse_book
from etl.reading.grid import Book
from etl.reading.sheets import read_books
from etl.reference import Reference
from etl.settings import Limits


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What was found in one file. `is_read` is False where no edition of the form could be read from it."""

    path: Path
    findings: tuple[Finding, ...]
    verdict: Verdict
    is_read: bool


def check_files(paths: Sequence[Path], reference: Reference, limits: Limits) -> tuple[CheckedFile, ...]:
    """Check files as one batch, so that consecutive periods among them are held against each other.

    A plain table may be a published statement: units and periods outside the reference are warned of, not refused.
    """
    with closing(read_books(paths, limits)) as books:
        read = [_parse_file(path, book, reference) for path, book in zip(paths, books, strict=True)]
    reports = [report for content in read if not isinstance(content, SubmissionError) for report in content]
    checked = iter(check(reports, CheckContext(reference, is_statement=True)))
    return tuple(_checked_file(path, content, checked) for path, content in zip(paths, read, strict=True))


def _parse_file(path: Path, book: Book | SubmissionError, reference: Reference) -> tuple[Report, ...] | SubmissionError:
    if isinstance(book, SubmissionError):
        return book
    try:
        return parse_book(_submission(path), book, reference)
    except SubmissionError as error:
        return error


def _submission(path: Path) -> Submission:
    """Describe a file that nobody received; reading it says whether it is there at all."""
    return Submission("", path.name, 0, datetime.now(UTC), path, sent_by=path.absolute().parent.name)


def _checked_file(
    path: Path, content: tuple[Report, ...] | SubmissionError, checked: Iterator[CheckedReport]
) -> CheckedFile:
    if isinstance(content, SubmissionError):
        finding = unreadable_finding(content)
        return CheckedFile(path, (finding,), verdict_of((finding,)), is_read=False)
    findings = tuple(finding for _ in content for finding in next(checked).findings)
    return CheckedFile(path, findings, verdict_of(findings), is_read=True)


def unreadable_finding(error: SubmissionError) -> Finding:
    """Say as a finding why a file could not be read."""
    return Finding(error.rule[0], error.rule, Severity.ERROR, error.message_vi, error.message_en)
