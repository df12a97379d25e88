"""Bring a warehouse up to date: numbered SQL files, a ledger of their checksums, views made anew."""

import hashlib
import re
from collections.abc import Collection, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, text

from etl.errors import ConfigError
from etl.settings import CHECKOUT

SQL = CHECKOUT / "sql"
VIEWS = "views"  # the name of all of sql/views in the ledger
LOCK = 60_912_233  # one migrator at a time; any number that nobody else uses
LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE migration IS 'The ledger of migrations: what was applied never changes.';
COMMENT ON COLUMN migration.name IS 'File of the migration; "views": all of sql/views.';
COMMENT ON COLUMN migration.checksum IS 'SHA-256 of what was applied.';
COMMENT ON COLUMN migration.applied_at IS 'When.';
GRANT SELECT ON migration TO PUBLIC;
"""
ENTRY = """
INSERT INTO migration (name, checksum) VALUES (:name, :checksum)
ON CONFLICT (name) DO UPDATE SET checksum = EXCLUDED.checksum, applied_at = clock_timestamp()
"""


def migrate(engine: Engine, folder: Path = SQL) -> list[str]:
    """Apply what is missing, each file in a transaction of its own; give the names of what was applied.

    *Raises*: ConfigError where an applied file was changed, is unknown here, or cannot be applied.
    """
    pending = find_pending(engine, folder)
    return [name for name in pending if _apply_once(engine, name, folder)]


def find_pending(engine: Engine, folder: Path = SQL) -> list[str]:
    """List what the warehouse lacks, in the order to apply it.

    *Raises*: ConfigError where an applied file was changed or is unknown here.
    """
    checksums = {name: _checksum(body) for name, body in _files(folder).items()}
    with engine.begin() as conn:
        ledger = _read_ledger(conn)
    if unknown := sorted(ledger.keys() - checksums.keys()):
        raise ConfigError(f"the warehouse has {', '.join(unknown)}, unknown to this program: update the program")
    pending = [name for name, checksum in checksums.items() if ledger.get(name) != checksum]
    if changed := [name for name in pending if name in ledger and name != VIEWS]:
        raise ConfigError(f"sql/migrations/{changed[0]} was changed after it was applied: undo that, write a new one")
    return pending


def lay_out(conn: Connection, applied: Mapping[str, str], folder: Path = SQL) -> None:
    """Lay out an empty schema as it was when just these migrations (name → checksum) had been applied, without views.

    The ledger stays empty: whoever fills the tables fills it too.
    *Raises*: ConfigError where one of them is unknown here, or was another.
    """
    files = _files(folder)
    wanted = {name: checksum for name, checksum in applied.items() if name != VIEWS}
    if unknown := sorted(wanted.keys() - files.keys()):
        raise ConfigError(f"made with {', '.join(unknown)}, unknown to this program: update the program")
    if changed := [name for name, checksum in wanted.items() if _checksum(files[name]) != checksum]:
        raise ConfigError(f"sql/migrations/{changed[0]} is another than the one that was applied: undo that")
    conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    _run(conn, LEDGER)
    for name in [name for name in files if name in wanted]:
        _run(conn, files[name])


def _apply_once(engine: Engine, name: str, folder: Path) -> bool:
    """Apply one file, unless another migrator was quicker."""
    body = _files(folder)[name]
    with engine.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        _run(conn, LEDGER)  # before it is read: a look at the catalogue may not see what the other one just committed
        if _read_ledger(conn).get(name) == _checksum(body):
            return False
        try:
            for script in _anew(folder) if name == VIEWS else [body]:
                _run(conn, script)
        except psycopg.Error as error:
            raise ConfigError(f"migration {name} cannot be applied: {error}") from error
        conn.execute(text(ENTRY), {"name": name, "checksum": _checksum(body)})
    return True


def _run(conn: Connection, script: str) -> None:
    """Run a script through the driver: a text() would take its colons and per cent signs for parameters."""
    driver: Any = conn.connection.driver_connection
    driver.execute(script)


def _read_ledger(conn: Connection) -> dict[str, str]:
    if not conn.execute(text("SELECT to_regclass('migration') IS NOT NULL")).scalar_one():
        return {}
    return {row.name: row.checksum for row in conn.execute(text("SELECT name, checksum FROM migration"))}


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _files(folder: Path) -> dict[str, str]:
    """Read the numbered files in their order, and the views as the last."""
    numbered = {path.name: path.read_text("utf-8") for path in sorted((folder / "migrations").glob("*.sql"))}
    return numbered | {VIEWS: "\n".join(_views(folder).values())}


def _views(folder: Path) -> dict[str, str]:
    """Read the views and functions, each after what its header says it needs."""
    bodies = {path.stem: path.read_text("utf-8") for path in sorted((folder / "views").glob("*.sql"))}
    needs = {name: _needs(body) & bodies.keys() for name, body in bodies.items()}
    return {name: bodies[name] for name in TopologicalSorter(needs).static_order()}


def _needs(body: str) -> Collection[str]:
    header = re.search(r"^-- needs: (.*)$", body, re.MULTILINE)
    return frozenset(re.findall(r"\w+", header[1])) if header else frozenset()


def _anew(folder: Path) -> list[str]:
    """Drop what there is of the views and functions, create them, and let those use them whom they are for."""
    views = _views(folder)
    kinds = {name: "FUNCTION" if "CREATE FUNCTION" in body else "VIEW" for name, body in views.items()}
    drops = [f"DROP {kinds[name]} IF EXISTS {name}" for name in reversed(views)]
    grants = [_grant(name, kind, _roles(views[name])) for name, kind in kinds.items()]
    return [*drops, *views.values(), *grants]


def _grant(name: str, kind: str, roles: str) -> str:
    if kind == "VIEW":
        return f"GRANT SELECT ON {name} TO {roles}"
    return f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {name} TO {roles}"


def _roles(body: str) -> str:
    """Say who may use a view: everybody who reads, unless its header says `-- for: loader`."""
    return "loader" if re.search(r"^-- for: loader$", body, re.MULTILINE) else "loader, reader"
