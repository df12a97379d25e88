"""A real SMTP server for one machine: takes every mail and writes it down as an .eml file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailFolder:
    """Write each mail that arrives into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        """Keep one mail: written aside, then named, so that a reader never sees half of it."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{next(self.numbers):04d}.eml"
        content = envelope.content or b""
        aside = self.folder / f".{name}"
        aside.write_bytes(content if isinstance(content, bytes) else content.encode())
        aside.rename(self.folder / name)
        return "250 Message accepted for delivery"


@contextmanager
def mail_server(folder: Path, port: int) -> Iterator[None]:
    """Run the server on the loopback address for the length of a block."""
    controller = Controller(MailFolder(folder), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
