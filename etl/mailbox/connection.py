"""Read an IMAP mailbox: look, fetch and mark, and leave everything else as it is."""

import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError, LoginError

from etl.errors import ConfigError

TAKEN = b"$WardReportsTaken"  # the keyword that marks a message as done
FLAGGED = b"\\Flagged"  # where the server lets nobody invent keywords
HEAD_BYTES = 256_000
_PORTS = {"imap": 143, "imaps": 993, "imap+starttls": 143}
_TIMEOUT = SocketTimeout(connect=20, read=60)
_AT_ONCE = 500  # messages asked about in one command
SEARCHED_AT_ONCE = 50_000  # UIDs: an answer is one line, and Python's imaplib reads no line over a million bytes
_SEARCHES = 1_000

logging.getLogger("imapclient").setLevel(logging.WARNING)  # below that it writes down addresses and whole mails


class MailboxAwayError(Exception):
    """The server cannot be reached, does not let us in, or hung up: what was not taken waits there."""


class MessageRefusedError(Exception):
    """The server is there but does not hand out this one message now."""


@dataclass(frozen=True, slots=True)
class MailboxUrl:
    """Where a mailbox is. `name` says which it is, without a password."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    @property
    def name(self) -> str:
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message as the server describes it. *Missing*: `received_at` None where the server does not say."""

    uid: int
    size_bytes: int
    received_at: datetime | None


def parse_mailbox_url(imap_url: str) -> MailboxUrl:
    """Parse the setting. *Raises*: ConfigError, without the password."""
    parts = urlsplit(imap_url)
    with suppress(ValueError):  # a port that is none
        port = parts.port or _PORTS.get(parts.scheme)
        if port and parts.hostname and parts.username:
            folder = unquote(parts.path.strip("/")) or "INBOX"
            user, password = unquote(parts.username), unquote(parts.password or "")
            return MailboxUrl(parts.scheme, parts.hostname, port, user, password, folder)
    raise ConfigError("WARD_REPORTS_IMAP_URL must look like imaps://user:password@host/INBOX (or imap, imap+starttls)")


@contextmanager
def open_mailbox(url: MailboxUrl) -> Iterator["Mailbox"]:
    """Log in and open the folder for the length of a block. *Raises*: MailboxAwayError."""
    with _speaking():
        client = _connect(url)
    try:
        with _speaking():
            client.login(url.user, url.password)
        selected = _select(client, url.folder)
        yield Mailbox(client, url.name, selected)
    finally:
        with suppress(OSError, IMAPClientError):
            client.logout()
        with suppress(OSError, IMAPClientError):
            client.shutdown()


class Mailbox:
    """An open folder. `uid_validity`: while it stays the same, a UID means the same message."""

    def __init__(self, client: IMAPClient, name: str, selected: Mapping[bytes, Any]) -> None:
        self.client = client
        self.name = name
        self.uid_validity = int(selected.get(b"UIDVALIDITY", 0))
        self.next_uid = int(selected.get(b"UIDNEXT", 0))
        self.mark = _find_mark(selected)

    def find_uids(self) -> list[int]:
        """List the UIDs of all messages, the oldest first."""
        return sorted(self._search())

    def find_unmarked(self) -> list[int]:
        """List the UIDs of the messages without our mark; none where the server lets us mark nothing."""
        criteria = {TAKEN: (b"UNKEYWORD", TAKEN), FLAGGED: (b"UNFLAGGED",), None: None}[self.mark]
        return [] if criteria is None else sorted(self._search(*criteria))

    def describe(self, uids: Sequence[int]) -> Iterator[Waiting]:
        """Say how large messages are and when the server got them, in their order, without reading them."""
        for start in range(0, len(uids), _AT_ONCE):
            with _speaking():
                described = self.client.fetch(uids[start : start + _AT_ONCE], ["RFC822.SIZE", "INTERNALDATE"])
            for uid in sorted(described):
                values = described[uid]
                yield Waiting(uid, int(values.get(b"RFC822.SIZE", 0)), _aware(values.get(b"INTERNALDATE")))

    def read(self, uid: int) -> bytes:
        """Fetch a message as it lies there; it stays unread for whoever looks. *Raises*: MessageRefusedError."""
        return self._fetch(uid, "BODY.PEEK[]")

    def read_head(self, uid: int) -> bytes:
        """Fetch the header of a message alone, and no more of it than a header needs."""
        return self._fetch(uid, f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>")

    def mark_taken(self, uids: Sequence[int]) -> None:
        """Mark messages as done: by the keyword, else by the flag; nothing else of them changes."""
        for start in range(0, len(uids) if self.mark else 0, _AT_ONCE):
            with _speaking():
                self.client.add_flags(uids[start : start + _AT_ONCE], [self.mark], silent=True)

    def _search(self, *criteria: bytes) -> Iterator[int]:
        """Search in spans of UIDs; what comes meanwhile is found in the next round."""
        step = max(SEARCHED_AT_ONCE, self.next_uid // _SEARCHES)
        spans = [[b"UID", f"{first}:{first + step - 1}".encode()] for first in range(1, self.next_uid, step)]
        for span in spans or [[b"ALL"]]:
            with _speaking():
                yield from self.client.search([*span, *criteria])

    def _fetch(self, uid: int, what: str) -> bytes:
        with _speaking():
            try:
                values = self.client.fetch([uid], [what]).get(uid, {})
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                raise MessageRefusedError(type(error).__name__) from error
        content = next((value for name, value in values.items() if name.startswith(b"BODY[")), None)
        if not isinstance(content, bytes):
            raise MessageRefusedError("gone, or no text at all")
        return content


@contextmanager
def _speaking() -> Iterator[None]:
    """Say in words without an address or a password what went wrong between the server and us."""
    try:
        yield
    except LoginError as error:
        raise MailboxAwayError("the mail server refuses the login; look at the user name and the password") from error
    except (OSError, EOFError, IMAPClientError, ValueError, LookupError, TypeError) as error:
        # the last three: an answer that is no IMAP
        raise MailboxAwayError(f"the mail server is away ({type(error).__name__})") from error


def _connect(url: MailboxUrl) -> IMAPClient:
    tls = ssl.create_default_context()
    client = IMAPClient(url.host, url.port, ssl=url.scheme == "imaps", ssl_context=tls, timeout=_TIMEOUT)
    client.normalise_times = False
    if url.scheme == "imap+starttls":
        try:
            client.starttls(tls)
        except (OSError, IMAPClientError):
            client.shutdown()
            raise
    return client


def _select(client: IMAPClient, folder: str) -> Mapping[bytes, Any]:
    """Open the folder, to look only where more is not allowed."""
    with _speaking():
        try:
            return dict(client.select_folder(folder))
        except IMAPClientReadOnlyError:
            return {**client.select_folder(folder, readonly=True), b"PERMANENTFLAGS": ()}
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            raise MailboxAwayError("the mail server does not open the folder; look at its name") from error


def _find_mark(selected: Mapping[bytes, Any]) -> bytes | None:
    permitted = {flag.lower() for flag in selected.get(b"PERMANENTFLAGS", (FLAGGED,))}
    if b"\\*" in permitted or TAKEN.lower() in permitted:
        return TAKEN
    return FLAGGED if FLAGGED.lower() in permitted else None


def _aware(moment: datetime | None) -> datetime | None:
    return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
