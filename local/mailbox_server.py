"""A real IMAP server for one machine: pymap, with one folder in memory."""

from __future__ import annotations

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.imap import IMAPServer
from pymap.parsing.specials.flag import Flag, Wildcard
from pysasl.hashing import BuiltinHash

from local.layout import find_free_port

READY_SECONDS = 20


class Folder(MailboxData):
    """The inbox, and what its server permits. `keywords`: whether anybody may invent marks."""

    keywords = True
    validity = 1_650_000_000

    @property
    def uid_validity(self) -> int:
        """While it stays the same, a UID means the same message."""
        return self.validity

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        """What may be set on a message."""
        return super().permanent_flags | ({Wildcard} if self.keywords else frozenset())

    def number_anew(self) -> None:
        """Give all messages other UIDs, as a server does that lost its index."""
        self.validity += 1
        for uid, message in list(self._messages.items()):
            del self._messages[uid]
            self._max_uid += 1
            self._messages[self._max_uid] = Message.copy(message, uid=self._max_uid)


class Folders(MailboxSet):
    """The folders of the one user."""

    def __init__(self) -> None:
        super().__init__()
        self._inbox = self.inbox = Folder(self._content_cache, self._thread_cache)


class MailboxServer:
    """A running server: where it is, and its folder. `tls`: speak it from the first byte on; else never."""

    def __init__(self, port: int, tls: ssl.SSLContext | None) -> None:
        self.port, self.tls = port, tls
        self.user, self.password = "reports@sontay.example", "p@ss/word"
        self.folder: Folder
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop
        self.stopping: asyncio.Event

    def url(self, password: str | None = None, port: int | None = None) -> str:
        """Give the setting that leads to it."""
        known = quote(self.password if password is None else password, safe="")
        scheme = "imaps" if self.tls else "imap"
        return f"{scheme}://{quote(self.user, safe='')}:{known}@localhost:{port or self.port}/INBOX"

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """Log in as a mail program would, with the folder open."""
        with IMAPClient("localhost", self.port, ssl=False, timeout=READY_SECONDS) as client:
            client.login(self.user, self.password)
            client.select_folder("INBOX")
            yield client

    def deliver(self, mail: bytes, received_at: datetime | None = None) -> None:
        """Put a mail into the folder, as received at a moment; by default now."""
        with self.client() as client:
            client.append("INBOX", mail, (), received_at)

    def find_flags(self) -> list[set[bytes]]:
        """Give the flags of each message, in the order of the folder."""
        with self.client() as client:
            flags = client.get_flags(client.search())
            return [{flag for flag in flags[uid] if flag != b"\\Recent"} for uid in sorted(flags)]

    async def serve(self) -> None:
        """Run until it is stopped."""
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        quick = BuiltinHash(rounds=1)  # one password that everybody may know: nothing to protect
        backend, config = await DictBackend.init(
            self._options(), hash_context=quick, reject_dnsbl=False, invalid_user_sleep=0
        )
        config.apply_context()
        folders = Folders()
        self.folder = folders.inbox
        config.set_cache[self.user] = (folders, FilterSet())
        called = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        async with await asyncio.start_server(called, "127.0.0.1", self.port, ssl=self.tls):
            self.ready.set()
            await self.stopping.wait()

    def stop(self) -> None:
        """Let it end, with whoever is connected."""
        self.loop.call_soon_threadsafe(self.stopping.set)

    def _options(self) -> Namespace:
        """Give what pymap's command line would."""
        names = ("cert", "key", "tls", "proxy_protocol", "passlib_cfg", "inherited_sockets", "debug", "demo_data")
        known = {"host": "127.0.0.1", "port": self.port, "demo_user": self.user, "demo_password": self.password}
        return Namespace(**dict.fromkeys(names), **known)


@contextmanager
def mailbox_server(port: int | None = None, tls: ssl.SSLContext | None = None) -> Iterator[MailboxServer]:
    """Run the server on the loopback address for the length of a block."""
    server = MailboxServer(port or find_free_port(), tls)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    if not server.ready.wait(READY_SECONDS):
        raise TimeoutError("the mailbox server did not start")
    try:
        yield server
    finally:
        server.stop()
        thread.join(READY_SECONDS)
