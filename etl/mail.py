"""Send mail: a message with its state, and the SMTP server that takes it.

What a message says is composed elsewhere (receipts.py, digests.py, alerts.py); when it is said once is the
outbox's affair (outbox.py). Here it only goes out.
"""

import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.headerregistry import Address
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from enum import StrEnum
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from etl.errors import ConfigError

TIMEOUT_SECONDS = 20
QUOTED_PRINTABLE = Charset("utf-8")
QUOTED_PRINTABLE.body_encoding = QP
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class MailKind(StrEnum):
    """Who is told what: a ward, the town, the operator; a ward what it still owes, and the form to fill in."""

    RECEIPT = "receipt"
    DIGEST = "digest"
    ALERT = "alert"
    REMINDER = "reminder"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail. `media_type` such as "text/csv"."""

    name: str
    media_type: str
    content: bytes


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, composed. `topic` is what it speaks about, `state` what it says of it: each change is said once."""

    kind: MailKind
    topic: str
    state: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    copies: tuple[str, ...] = ()

    @property
    def state_key(self) -> str:
        return f"{self.kind}:{self.topic}:{self.state}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the outbox holds it: all that goes over the wire, the same each time it is sent."""

    state_key: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    queued_at: datetime
    attachments: tuple[Attachment, ...] = ()
    copies: tuple[str, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """Give all addresses it goes to, each once."""
        return tuple(dict.fromkeys((*self.recipients, *self.copies)))


class ServerAwayError(Exception):
    """The server cannot be reached, does not let us in, or wants no mail of ours now: nothing went out."""


class MailDeferredError(Exception):
    """The server is there but asks to try this one mail again later: nothing went out."""


class MailRefusedError(Exception):
    """The server will never take this mail."""


Send = Callable[[Letter], int]


def send(letter: Letter, smtp_url: str, mail_from: str) -> int:
    """Send one mail; give the number of its recipients that the server refused while it took the others.

    *Raises*: ServerAwayError, MailDeferredError, MailRefusedError; ConfigError where the URL is none.
    """
    with open_sender(smtp_url, mail_from) as send_one:
        return send_one(letter)


def greet(smtp_url: str) -> None:
    """Speak to the server as far as the login, and send nothing. *Raises*: OSError, SMTPException."""
    server = _connect(_split(smtp_url))
    with suppress(OSError, smtplib.SMTPException):
        server.quit()


@contextmanager
def open_sender(smtp_url: str, mail_from: str) -> Iterator[Send]:
    """Give a `send` that uses one connection for all its mails, made with the first."""
    sender = _Sender(_split(smtp_url), mail_from)
    try:
        yield sender.send
    finally:
        sender.close()


def compose_email(letter: Letter, mail_from: str) -> MIMEMultipart:
    """Put a mail into the form that goes over the wire: text, and the same in HTML.

    The Message-ID follows from the state: a mail that went out twice, because a program died between the server's
    yes and ours, is recognised as one.
    *Raises*: ValueError where an address is none.
    """
    sender = Address(addr_spec=mail_from)
    words = MIMEMultipart("alternative")
    words.attach(MIMEText(letter.text, "plain", QUOTED_PRINTABLE))  # type: ignore[arg-type]  # a Charset is taken too
    words.attach(MIMEText(letter.html, "html", QUOTED_PRINTABLE))  # type: ignore[arg-type]
    email = _with_files(words, letter.attachments) if letter.attachments else words
    email["From"] = str(sender)
    email["To"] = _listed(letter.recipients)
    if letter.copies:
        email["Cc"] = _listed(letter.copies)
    # Not by the newer EmailMessage: it loses the spaces between the encoded words of a long subject.
    email["Subject"] = Header(letter.subject, "utf-8", header_name="Subject").encode()
    email["Date"] = format_datetime(letter.queued_at)
    email["Message-ID"] = f"<{hashlib.sha256(letter.state_key.encode()).hexdigest()[:40]}@{sender.domain}>"
    email["Auto-Submitted"] = "auto-generated"
    return email


def _listed(addresses: tuple[str, ...]) -> str:
    return ", ".join(str(Address(addr_spec=to.encode("ascii").decode())) for to in addresses)


def _with_files(words: MIMEMultipart, attachments: tuple[Attachment, ...]) -> MIMEMultipart:
    email = MIMEMultipart("mixed")
    email.attach(words)
    for attachment in attachments:
        part = MIMEApplication(attachment.content, attachment.media_type.partition("/")[2])
        part.replace_header("Content-Type", attachment.media_type)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", attachment.name))
        email.attach(part)
    return email


def _split(smtp_url: str) -> SplitResult:
    parts = urlsplit(smtp_url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigError("WARD_REPORTS_SMTP_URL must look like smtp://user:password@host:25 (or smtps, smtp+starttls)")
    return parts


class _Sender:
    """Keep the connection between mails, and make it anew after it broke."""

    def __init__(self, url: SplitResult, mail_from: str) -> None:
        self.url = url
        self.mail_from = mail_from
        self.server: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> int:
        """Send one mail to all its recipients that the server knows, or to none."""
        try:
            content = compose_email(letter, self.mail_from).as_bytes(policy=compat32.clone(linesep="\r\n"))
        except ValueError as error:
            raise MailRefusedError(f"an address is not valid: {error.__class__.__name__}") from error
        try:
            self.server = self.server or _connect(self.url)
            return _hand_over(self.server, self.mail_from, letter.everybody, content)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise ServerAwayError(_describe(error)) from error
        except (MailDeferredError, MailRefusedError, ServerAwayError):
            self._drop()  # in the middle of a mail: the next one starts afresh
            raise

    def close(self) -> None:
        """Take leave of the server."""
        if self.server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.server.quit()
            self._drop()

    def _drop(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None


def _connect(url: SplitResult) -> smtplib.SMTP:
    """Open a connection, encrypted and logged in as the URL says. *Raises*: OSError, SMTPException."""
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    tls = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=tls)
        server.ehlo_or_helo_if_needed()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, mail_from: str, recipients: tuple[str, ...], content: bytes) -> int:
    """Hand a mail over for all recipients the server knows, but for none while it defers one of them.

    So no recipient is forgotten, and none gets the mail twice.
    """
    code, answer = server.mail(mail_from)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, answer, mail_from)
    answers = [server.rcpt(address) for address in recipients]
    refused = [a for a in answers if a[0] not in (250, 251)]
    if deferred := [a for a in refused if a[0] < 500]:
        _raise_for(*deferred[0])
    if len(refused) == len(recipients):
        _raise_for(*refused[0])
    _hand_over_content(server, content)
    return len(refused)


def _hand_over_content(server: smtplib.SMTP, content: bytes) -> None:
    try:
        code, answer = server.data(content)
    except smtplib.SMTPDataError as error:
        code, answer = error.smtp_code, _as_bytes(error.smtp_error)
    if code != 250:
        _raise_for(code, answer)


def _raise_for(code: int, answer: bytes) -> NoReturn:
    """Tell apart a server that closes, one that wants to be asked again later, and one that says no."""
    if code == 421:
        raise ServerAwayError(_answer(code, answer))
    if code < 500:
        raise MailDeferredError(_answer(code, answer))
    raise MailRefusedError(_answer(code, answer))


def _as_bytes(answer: bytes | str) -> bytes:
    return answer.encode() if isinstance(answer, str) else answer


def _answer(code: int, answer: bytes) -> str:
    """Give a server's answer as its numbers only: the words may hold addresses."""
    enhanced = re.match(rb"[245]\.\d{1,3}\.\d{1,3}", answer)
    return f"the mail server answered {code}" + (f" ({enhanced[0].decode()})" if enhanced else "")


def _describe(error: Exception) -> str:
    """Name what went wrong with the server, without user, password or address."""
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"{_answer(error.smtp_code, b'')} to our own address: see WARD_REPORTS_MAIL_FROM"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.__class__.__name__}: {_answer(error.smtp_code, b'')}"
    return error.__class__.__name__
