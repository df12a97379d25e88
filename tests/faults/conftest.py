"""A PostgreSQL of these tests' own, which they may kill, and installations in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from etl.db import connect, migrate, store_reference
from etl.embedded import EmbeddedServer, embedded_server
from etl.reference import read_reference
from etl.settings import CHECKOUT
from tests.faults.places import Place, drop_database, make_place
from tests.faults.smtp import SmtpServer

EMPTY = "template_empty"
numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """Run one server for the tests of a worker. Who kills it starts it again, by `embedded_server` of its folder."""
    with tempfile.TemporaryDirectory(prefix="wr-") as folder, embedded_server(Path(folder) / "pg") as server:
        server.ensure_database(EMPTY)
        engine = connect(server.url(EMPTY))
        migrate(engine)
        with engine.begin() as conn:
            store_reference(conn, read_reference(CHECKOUT / "reference" / "son-tay"))
        engine.dispose()
        yield server


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """Run a mail server for a test."""
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def make(server: EmbeddedServer, tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Give a function that makes an installation: `make(smtp)`; its warehouse is dropped after the test."""
    with ExitStack() as stack:

        def make_one(smtp: SmtpServer, *, template: str = EMPTY, imap_url: str = "") -> Place:
            name = f"faults_{next(numbers)}"
            stack.callback(drop_database, server, name)
            return make_place(server, smtp, tmp_path / name, database=name, template=template, imap_url=imap_url)

        yield make_one


@pytest.fixture
def place(make: Callable[..., Place], smtp: SmtpServer) -> Place:
    """Give a fresh installation."""
    return make(smtp)
