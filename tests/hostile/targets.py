"""What is fuzzed: a reader, honest content for it, a change of that, and what comes out in a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from etl.check import CheckContext, check
from etl.compare import read_statement
from etl.errors import SubmissionError
from etl.letters.receipts import compose_receipt
from etl.mailbox.sorting import sort_mail
from etl.model import CheckedReport, Report, Submission
from etl.parse import parse_book
from etl.reading.csv_sheet import read_csv_sheet
from etl.reading.grid import Book, Sheet
from etl.reading.sheets import read_books, read_sheets
from etl.reference import Reference, read_reference
from etl.settings import CHECKOUT, Limits
from tests.hostile.mutations import change_bytes, change_part, change_sheet
from tests.hostile.seeds import CSV, ODS, PLAIN, STATEMENT, XLS, XLSX

LIMITS = Limits()
_ANSWERED = 10  # one in so many is checked and gets a receipt: that takes longer than all else
SENT_AT = datetime(2022, 4, 17, 2, 14, tzinfo=UTC)
_NAMES = ("a.xlsx", "BC T4-2022.xlsx", "", "quý 9 năm 0.xls")


@cache
def known() -> Reference:
    return read_reference(CHECKOUT / "reference" / "son-tay")


@dataclass(frozen=True, slots=True)
class Target:
    """A reader under test, and its share of the inputs in percent.

    `make`: an input from a generator; `read`: the outcomes of a batch of inputs, in their order, each in a word or two.
    """

    name: str
    share: int
    make: Callable[[Random], object]
    read: Callable[[Sequence[object]], list[str]]
    batch: int


def _judge(books: Iterable[Book | SubmissionError]) -> list[str]:
    """Parse books; check and answer one in ten of them, together; give what was found in each."""
    contents = [_parse(number, book) for number, book in enumerate(books)]
    answered = [content for content in contents[::_ANSWERED] if not isinstance(content, SubmissionError)]
    reports = [report for content in answered for report in content]
    checked = iter(check(reports, CheckContext(known())))
    outcomes = []
    for number, content in enumerate(contents):
        if isinstance(content, SubmissionError):
            assert content.message_vi and content.message_en
            outcomes.append(f"{content.rule}: {content.message_en.partition(':')[0][:40]}")
            found: Sequence[CheckedReport] | SubmissionError = content
        else:
            outcomes.append(" ".join(sorted({finding.rule for report in content for finding in report.findings})))
            found = [next(checked) for _ in content] if number % _ANSWERED == 0 else ()
        if number % _ANSWERED == 0:
            compose_receipt(_submission(number), found, known())
    return outcomes


def _parse(number: int, book: Book | SubmissionError) -> tuple[Report, ...] | SubmissionError:
    if isinstance(book, SubmissionError):
        return book
    try:
        return parse_book(_submission(number), book, known())
    except SubmissionError as error:
        return error


def _submission(number: int) -> Submission:
    name = _NAMES[number % len(_NAMES)]
    return Submission(f"{number:064x}", name, 1, SENT_AT, Path("a"), sent_by="09574")


def _read_files(contents: Sequence[object]) -> list[str]:
    with TemporaryDirectory(prefix="wr-fuzz-") as folder:
        paths = [Path(folder) / f"{number}.xlsx" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            assert isinstance(content, bytes)
            path.write_bytes(content)
        with closing(read_books(paths, LIMITS)) as books:
            return _judge(books)


def _read_grids(sheets: Sequence[object]) -> list[str]:
    return _judge(Book((sheet,)) for sheet in sheets if isinstance(sheet, Sheet))


def _read_texts(contents: Sequence[object]) -> list[str]:
    return _judge(_read_text(content) for content in contents if isinstance(content, bytes))


def _read_text(content: bytes) -> Book | SubmissionError:
    try:
        return Book((read_csv_sheet(content, LIMITS),))
    except SubmissionError as error:
        return error


def _read_statements(contents: Sequence[object]) -> list[str]:
    return [_read_statement(content) for content in contents if isinstance(content, bytes)]


def _read_statement(content: bytes) -> str:
    with TemporaryDirectory(prefix="wr-fuzz-") as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(content)
        try:
            statement = read_statement(path, known(), LIMITS)
        except SubmissionError as error:
            return error.rule
    rules = {finding.rule for one in statement.checked for finding in one.findings}
    return " ".join(sorted(rules)) + f", {len(statement.rate_columns)} rates"


def _read_mails(contents: Sequence[object]) -> list[str]:
    mails = [sort_mail(content, known()) for content in contents if isinstance(content, bytes)]
    return [f"{mail.outcome}, {mail.doubt}, {len(mail.files.reports)} + {len(mail.files.others)}" for mail in mails]


@cache
def _seed_sheets() -> tuple[Sheet, ...]:
    sheets = [read_csv_sheet(content, LIMITS) for content in (CSV, PLAIN, STATEMENT)]
    with TemporaryDirectory(prefix="wr-fuzz-") as folder:
        path = Path(folder) / "a"
        for content in (XLSX, XLS, ODS):
            path.write_bytes(content)
            sheets += read_sheets(path)
    return tuple(sheets)


@cache
def _seed_mails() -> tuple[bytes, ...]:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Phường Lê Lợi <09574@phuong.sontay.example>", "Báo cáo tháng 4"
    mail["Date"] = "Sun, 17 Apr 2022 09:14:00 +0700"
    mail.set_content("Kính gửi")
    mail.add_attachment(PLAIN[:900], maintype="text", subtype="csv", filename="báo cáo.csv")
    mail.add_attachment(XLSX[:900], maintype="application", subtype="octet-stream", filename="BC T4.xlsx")
    outer = EmailMessage()
    outer["From"] = "09574@phuong.sontay.example"
    outer.set_content("Fwd")
    outer.add_attachment(mail)
    return mail.as_bytes(), outer.as_bytes()


def _of(seeds: Sequence[bytes], change: Callable[[bytes, Random], bytes]) -> Callable[[Random], bytes]:
    return lambda random: change(random.choice(seeds), random)


TARGETS = (
    Target("grid", 44, lambda random: change_sheet(random.choice(_seed_sheets()), random), _read_grids, batch=100),
    Target(
        "csv", 12, _of((CSV, PLAIN, STATEMENT, CSV.decode().encode("utf-16")), change_bytes), _read_texts, batch=100
    ),
    Target("mail", 20, lambda random: change_bytes(random.choice(_seed_mails()), random), _read_mails, batch=100),
    Target("statement", 1, _of((STATEMENT,), change_bytes), _read_statements, batch=1),
    Target("xlsx", 4, _of((XLSX,), change_bytes), _read_files, batch=100),
    Target("xlsx-parts", 6, _of((XLSX,), change_part), _read_files, batch=100),
    Target("xls", 8, _of((XLS,), change_bytes), _read_files, batch=100),
    Target("ods", 2, _of((ODS,), change_bytes), _read_files, batch=100),
    Target("ods-parts", 3, _of((ODS,), change_part), _read_files, batch=100),
)
