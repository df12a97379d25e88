"""A real PostgreSQL for the whole session, and a fresh warehouse for each test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from etl.db import connect, migrate, store_reference
from etl.embedded import EmbeddedServer, embedded_server
from etl.reference import Reference, read_reference
from etl.settings import CHECKOUT
from tests.db.made import Maker

TEMPLATE = "template_warehouse"
numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """Run one server for all tests."""
    with tempfile.TemporaryDirectory(prefix="wr-") as folder, embedded_server(Path(folder) / "pg") as server:
        server.ensure_database(TEMPLATE)
        yield server


@pytest.fixture(scope="session")
def reference() -> Reference:
    return read_reference(CHECKOUT / "reference" / "son-tay")


@pytest.fixture(scope="session")
def migrated(server: EmbeddedServer, reference: Reference) -> str:
    """Name a database that is migrated and knows the reference, to make others from."""
    engine = connect(server.url(TEMPLATE))
    assert migrate(engine)
    with engine.begin() as conn:
        store_reference(conn, reference)
    engine.dispose()
    return TEMPLATE


@pytest.fixture
def empty(server: EmbeddedServer) -> Iterator[Engine]:
    """Give a database with nothing in it."""
    yield from make_database(server, "template1")


@pytest.fixture
def engine(server: EmbeddedServer, migrated: str) -> Iterator[Engine]:
    """Give a fresh warehouse that knows the reference."""
    yield from make_database(server, migrated)


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose transactions the test ends itself."""
    with engine.connect() as conn:
        yield conn


def make_database(server: EmbeddedServer, template: str) -> Iterator[Engine]:
    """Copy a database for one test, and drop it afterwards."""
    name = f"test_{next(numbers)}"
    owner = connect(server.url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with owner.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    engine = connect(server.url(name))
    yield engine
    engine.dispose()
    with owner.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    owner.dispose()


@pytest.fixture(scope="session")
def maker(reference: Reference) -> Maker:
    return Maker(reference)
