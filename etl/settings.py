"""What an installation is told by its environment: read once, handed down."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from etl.errors import ConfigError

CHECKOUT = Path(__file__).resolve().parents[1]
_ESCAPED = "in user and password write @ as %40, / as %2F, : as %3A"
_URLS = {  # what an address must look like, and the kinds there are
    "DATABASE_URL": (
        "be a PostgreSQL URL like postgresql://user:password@host:5432/warehouse, or empty for the embedded server",
        re.compile(r"postgres(ql)?(\+\w+)?"),
    ),
    "SMTP_URL": (
        "look like smtp://user:password@host:25 (or smtps, smtp+starttls)",
        re.compile(r"smtp(s|\+starttls)?"),
    ),
    "IMAP_URL": (
        "look like imaps://user:password@host/INBOX (or imap, imap+starttls)",
        re.compile(r"imap(s|\+starttls)?"),
    ),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a submission may be, and how long and with how much memory it may be read.

    `max_seconds`: of the processor, to read a workbook, and as many again to mark it. With what parsing and checking
    the largest takes, a verdict and its letter are there within ten.
    """

    max_bytes: int = 20_000_000
    max_rows: int = 20_000
    max_columns: int = 256
    max_cells: int = 1_000_000
    max_seconds: int = 4
    max_memory_mb: int = 1_024


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything lies. An empty `database_url` means the embedded PostgreSQL below `home`.

    `pages_url`: the address of Airflow's pages, for links in mails; empty where nobody knows it.
    """

    home: Path
    inbox: str
    archive: Path
    published: Path
    reference: Path
    database_url: str
    smtp_url: str
    imap_url: str
    mail_from: str
    pages_url: str
    settle_seconds: int
    limits: Limits

    @property
    def mailbox(self) -> str:
        """The address that takes reports by mail; empty where no mailbox is read."""
        return self.mail_from if self.imap_url else ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings. *Raises*: ConfigError, listing all that is wrong at once."""
        problems: list[str] = []
        home = Path(_text(environ, "HOME", "var")).absolute()
        urls = {name: _url(environ, name, problems) for name in _URLS}
        settings = cls(
            home=home,
            inbox=_text(environ, "INBOX", str(home / "inbox")),
            archive=Path(_text(environ, "ARCHIVE", str(home / "archive"))).absolute(),
            published=Path(_text(environ, "PUBLISHED", str(home / "published"))).absolute(),
            reference=Path(_text(environ, "REFERENCE", str(CHECKOUT / "reference" / "son-tay"))).absolute(),
            database_url=urls["DATABASE_URL"],
            smtp_url=urls["SMTP_URL"],
            imap_url=urls["IMAP_URL"],
            mail_from=_text(environ, "MAIL_FROM", "ward-reports@localhost"),
            pages_url=_text(environ, "PAGES_URL", ""),
            settle_seconds=_number(environ, "SETTLE_SECONDS", 10, problems),
            limits=Limits(
                **{name: _number(environ, name.upper(), size, problems) for name, size in asdict(Limits()).items()}
            ),
        )
        if problems:
            raise ConfigError(*problems)
        return settings


def _text(environ: Mapping[str, str], name: str, default: str) -> str:
    return environ.get(f"WARD_REPORTS_{name}", "").strip() or default


def _url(environ: Mapping[str, str], name: str, problems: list[str]) -> str:
    """Read an address, or note what it must look like; what it is would show its password."""
    url = _text(environ, name, "")
    wanted, schemes = _URLS[name]
    try:
        parts = urlsplit(url)
        is_one = schemes.fullmatch(parts.scheme) is not None and (parts.port is None or parts.port > 0)
    except ValueError:  # a bracket that is not closed, a port that is none: often a password with a / in it
        is_one = False
    if url and not is_one:
        problems.append(f"WARD_REPORTS_{name} must {wanted}; {_ESCAPED}")
    return url


def _number(environ: Mapping[str, str], name: str, default: int, problems: list[str]) -> int:
    text = _text(environ, name, str(default))
    if text.isascii() and text.isdigit():
        return int(text)
    problems.append(f"WARD_REPORTS_{name} must be a whole number, found {text!r}")
    return default
