"""A real SMTP server that remembers what it took, and can go away and come back at the same address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email import policy
from email.parser import BytesHeaderParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from local.layout import find_free_port


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail that the server said yes to."""

    message_id: str
    to: str
    subject: str
    sha256: str


class SmtpServer:
    """Take every mail, in order."""

    def __init__(self) -> None:
        self.port = find_free_port()
        self.delivered: list[Delivered] = []
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Be away, until it is started again."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        content = envelope.original_content or b""
        head = BytesHeaderParser(policy=policy.default).parsebytes(content)
        digest = hashlib.sha256(content).hexdigest()
        self.delivered.append(Delivered(str(head["Message-ID"]), str(head["To"]), str(head["Subject"]), digest))
        return "250 Message accepted for delivery"
