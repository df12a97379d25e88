"""Which files a mail holds: report files to be taken, and the names of all others."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser

from etl.errors import SubmissionError
from etl.mailbox.lenient import LENIENT
from etl.phrases import clean
from etl.reading.file_kind import Kind, find_kind
from etl.receive import clean_name

MOST_REPORTS = 100  # report files of one mail
MOST_PARTS = 500
DEEPEST_PART = 30
# What reading a mail may cost, some ten seconds at the worst. A file of 30 MB has half a million lines in a mail.
MOST_LINES = 1_000_000
MOST_STEPS = 10_000_000  # lines × levels
MOST_LEVELS = 200
MOST_DASHED = 10 * MOST_PARTS
REPORT_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv")
# A file of another program that may hold a workbook inside is not one.
OTHER_SUFFIXES = (".doc", ".docx", ".ppt", ".pptx", ".msg", ".eml", ".pdf", ".zip", ".rar", ".7z")
_LEVEL = re.compile(rb"boundary|message/", re.IGNORECASE)
_DASHED = re.compile(rb"[\r\n]--")  # every part begins with such a line, and few other lines do
_ELSEWHERE = re.compile(r"^(?:[A-Za-z]:)?\\.*\\")


class MalformedError(Exception):
    """The mail is nested, crowded or broken beyond what a mail program writes."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file that may be a report, with the name its sender gave it."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class MailedFiles:
    """What is attached: report files, and the names of what is none (scan.pdf, winmail.dat, image001.png)."""

    reports: tuple[ReportFile, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*(report.name for report in self.reports), *self.others)


def find_files(raw: bytes) -> MailedFiles:
    """Find the files of a mail, those of mails forwarded inside it too.

    *Raises*: MalformedError, and nothing else whatever the bytes are.
    """
    _refuse_excess(raw)
    try:
        return _sort(BytesParser(policy=LENIENT).parsebytes(raw))
    except MalformedError:
        raise
    except Exception as error:  # the standard library trips over hostile mail with whatever error comes first
        raise MalformedError(type(error).__name__) from error


def _refuse_excess(raw: bytes) -> None:
    """Refuse, before it is read, what would take minutes or exhaust the stack: the reader is recursive."""
    levels, dashed = (sum(1 for _ in pattern.finditer(raw)) for pattern in (_LEVEL, _DASHED))
    lines = max(raw.count(b"\n"), raw.count(b"\r"))
    if max(levels / MOST_LEVELS, dashed / MOST_DASHED, lines / MOST_LINES, lines * (levels + 1) / MOST_STEPS) > 1:
        raise MalformedError("too many levels, parts or lines")


def _sort(message: "Message[str, str]") -> MailedFiles:
    reports, others = [], []
    for count, part in enumerate(_leaves(message)):
        if count == MOST_PARTS:
            raise MalformedError("too many parts")
        if _is_words(part):
            continue
        name, content = _name_of(part), part.get_payload(decode=True)
        if isinstance(content, bytes) and _is_report(part, name, content):
            reports.append(ReportFile(name or _invent_name(part, content), content))
        else:
            others.append(name or clean(part.get_content_type(), 80))
    if len(reports) > MOST_REPORTS:
        raise MalformedError("too many report files")
    return MailedFiles(tuple(reports), tuple(others))


def _leaves(part: "Message[str, str]", depth: int = 0) -> Iterator["Message[str, str]"]:
    if depth > DEEPEST_PART:
        raise MalformedError("nested too deep")
    if not part.is_multipart():
        yield part
        return
    for inner in part.get_payload():
        if isinstance(inner, Message):
            yield from _leaves(inner, depth + 1)


def _is_words(part: "Message[str, str]") -> bool:
    """Tell whether a part is what the mail says, not a file."""
    is_text = part.get_content_type() in ("text/plain", "text/html", "message/delivery-status")
    return is_text and part.get_content_disposition() != "attachment" and not _name_of(part)


def _is_report(part: "Message[str, str]", name: str, content: bytes) -> bool:
    lowered = name.lower().rstrip(" .")
    if lowered.endswith(REPORT_SUFFIXES):
        return True
    if lowered.endswith(OTHER_SUFFIXES):
        return False
    if part.get_content_type() == "text/csv":
        return bool(content)
    try:
        return find_kind(content) is not Kind.TEXT
    except SubmissionError:
        return False


def _invent_name(part: "Message[str, str]", content: bytes) -> str:
    return "attachment.csv" if part.get_content_type() == "text/csv" else f"attachment.{find_kind(content)}"


def _name_of(part: "Message[str, str]") -> str:
    """Read the file's name, however it is encoded. *Missing*: "" where it has none."""
    try:
        written = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):  # a charset that is none
        return "_"
    decoded = _decode_words(written).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return clean_name(_ELSEWHERE.sub("", decoded).replace("\\", "_")) if decoded else ""


def _decode_words(text: str) -> str:
    """Decode encoded words (RFC 2047), which programs put into names of files though they should not."""
    try:
        return "".join(
            word if isinstance(word, str) else word.decode(charset or "utf-8", "replace")
            for word, charset in decode_header(text)
        )
    except (ValueError, LookupError):
        return text
