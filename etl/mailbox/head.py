"""What the header of a mail says: who, when, and whether a program wrote it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from etl.mailbox.connection import HEAD_BYTES
from etl.mailbox.lenient import LENIENT
from etl.mailbox.sender import Doubt, Sender, find_sender
from etl.phrases import clean

_END = re.compile(rb"\r?\n\r?\n|\r\r")
_FROM = re.compile(rb"(?:^|[\r\n])from[ \t]*:", re.IGNORECASE)
_OURS = r"<[0-9a-f]{40}@{domain}>"  # as etl/mail.py names its letters
_BY_PROGRAMS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "list-id", "list-unsubscribe")
OLDEST_DATE = timedelta(days=366)  # a Date further back is a wrong clock, not a slow server


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a mail. `is_notice`: a report of delivery or reading, whatever is attached to it.

    *Missing*: `written_at` None where there is no Date that can be read.
    """

    sender: Sender
    message_id: str
    written_at: datetime | None
    is_automatic: bool
    is_notice: bool
    answered: str

    def answers_letter_from(self, our_address: str) -> bool:
        """Tell whether it is an answer to a letter that this system sent from an address."""
        domain = re.escape(our_address.rpartition("@")[2])
        return bool(re.search(_OURS.replace("{domain}", domain), self.answered, re.IGNORECASE))

    def changed_at(self, received_at: datetime) -> datetime:
        """Give the day of writing where it can be true: before the mail arrived and not ages before."""
        written_at = self.written_at
        is_sane = written_at is not None and received_at - OLDEST_DATE <= written_at <= received_at
        return written_at if written_at is not None and is_sane else received_at


def read_head(raw: bytes) -> Head:
    """Read the header of a mail; of hostile bytes whatever can be read."""
    end = _END.search(raw, 0, HEAD_BYTES)
    written = raw[: end.start() if end else HEAD_BYTES]
    headers = _headers(written)
    is_doubled = len(_FROM.findall(written)) > 1  # one that Python overlooks may be what the mail server looked at
    content_type = _first(headers, "content-type").partition(";")[0].strip().lower()
    is_notice = content_type == "multipart/report"
    return Head(
        sender=Sender(None, Doubt.SEVERAL) if is_doubled else find_sender(headers),
        message_id=clean(_first(headers, "message-id"), 250),
        written_at=_read_date(_first(headers, "date")),
        is_automatic=is_notice or _is_automatic(headers),
        is_notice=is_notice,
        answered=f"{_first(headers, 'in-reply-to')} {_first(headers, 'references')}"[:10_000],
    )


def _headers(raw: bytes) -> list[tuple[str, str]]:
    parsed = BytesParser(policy=LENIENT).parsebytes(raw, headersonly=True)
    return [(name, str(value)) for name, value in parsed.items()]


def _first(headers: Sequence[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name.strip().lower() == wanted), "")


def _read_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, LookupError):
        return None


def _is_automatic(headers: Sequence[tuple[str, str]]) -> bool:
    """Tell whether a program wrote it, or spread it to many: answering such mails is how loops begin (RFC 3834)."""
    submitted = _first(headers, "auto-submitted").partition(";")[0].strip().lower()
    precedence = _first(headers, "precedence").strip().lower()
    names = {name.strip().lower() for name, _ in headers}
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or ("return-path" in names and _first(headers, "return-path").replace(" ", "").strip() == "<>")
        or any(name in names for name in _BY_PROGRAMS)
    )
