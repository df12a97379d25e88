"""Make a backup: one state of the warehouse, the archive's files that it names, and the reference folder.

    FOLDER/archive/ab/ab12…            the archive's files, kept once for all backups
    FOLDER/20260501T181500Z/           a backup: manifest.json, archive.gz, warehouse/<table>.gz, reference/

Intake may go on meanwhile: a file is archived before it is recorded, and never changes, so that what the state names is
there.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import Connection, text

from etl import db
from etl.disk import put_file, sha256_of, sync_folder
from etl.errors import ConfigError
from etl.keeping import archive
from etl.keeping.manifest import ARCHIVE_LIST, NAME, Manifest, TableCopy
from etl.keeping.tables import copy_out, find_archived, find_tables
from etl.publishing.rules_edition import program_version
from etl.settings import Settings
from etl.warehouse.migrations import LOCK

MADE = ".last-backup"  # in the archive: when the last backup of this installation was made

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _State:
    """One state of the warehouse, copied. `archived`: the files that it knows."""

    postgresql: str
    migrations: dict[str, str]
    tables: tuple[TableCopy, ...]
    archived: Sequence[str]


def back_up(settings: Settings, folder: Path, say: Say) -> Path:
    """Make a backup in a folder of backups; it has its name only once it is whole. Give its place.

    *Raises*: ConfigError where the warehouse cannot be read, or another backup is being made there; and at the very
    end, with the backup made, where the archive has lost files.
    """
    folder, now = folder.absolute(), datetime.now(UTC)
    with _alone(folder):
        aside = _make_aside(folder)
        state = _copy_warehouse(settings, aside, say)
        lost = _copy_archive(state.archived, settings.archive, folder / archive.FOLDER, say=say)
        manifest = Manifest(
            made_at=now,
            program=program_version(),
            postgresql=state.postgresql,
            migrations=state.migrations,
            tables=state.tables,
            reference=_copy_reference(settings.reference, aside / "reference"),
            archive_sha256=archive.write_list(aside / ARCHIVE_LIST, state.archived),
            archive_files=len(state.archived),
            missing=tuple(lost),
        )
        put_file(aside / NAME, manifest.compose())
        done = _give_name(aside, folder / f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z")
    _note(settings, done)
    if lost:
        raise ConfigError(
            f"the backup {done} is made, but of the archive {len(lost)} files are lost or damaged: "
            f"{', '.join(sha256[:12] for sha256 in lost[:5])}. See `ward-reports doctor --deep`"
        )
    return done


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one program at a time make backups in a folder that only its owner can look into."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"another backup is being made in {folder}: wait for it") from None
        yield


def _make_aside(folder: Path) -> Path:
    """Make the folder that becomes the backup, and remove what a backup that was killed has left."""
    aside = folder / ".making"
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir(mode=0o700)
    (aside / "warehouse").mkdir()
    return aside


def _copy_warehouse(settings: Settings, aside: Path, say: Say) -> _State:
    """Copy all tables as they are at one moment, whoever writes meanwhile."""
    engine = db.connect(db.warehouse_url(settings))
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
            conn.execute(db.query("lock_schema"), {"lock": LOCK})
            conn.commit()  # the state is that of the first question after this
            return _copy_tables(conn, aside / "warehouse", say)
    except psycopg.Error as error:
        raise ConfigError(f"the warehouse cannot be copied: {str(error).strip()}") from error


def _copy_tables(conn: Connection, folder: Path, say: Say) -> _State:
    conn.execute(db.query("set_plain_copy"))
    tables = find_tables(conn)
    if "migration" not in dict(tables):
        raise ConfigError("there is no warehouse yet: nothing to keep")
    copies = []
    for place, table in enumerate(tables, start=1):
        copies.append(copy_out(conn, table, folder / f"{table[0]}.gz"))
        say(f"warehouse {place}/{len(tables)}: {table[0]}, {copies[-1].rows} rows")
    return _State(
        postgresql=str(conn.execute(text("SHOW server_version")).scalar_one()),
        migrations={row.name: row.checksum for row in conn.execute(db.query("find_migration"))},
        tables=tuple(copies),
        archived=find_archived(conn, tables),
    )


def _copy_archive(hashes: Sequence[str], source: Path, target: Path, *, say: Say) -> list[str]:
    """Copy the files that are new; give those that the archive has lost and no earlier backup has kept."""
    lost, copied = [], 0
    for place, sha256 in enumerate(hashes, start=1):
        outcome = archive.copy_file(sha256, source, target)
        copied += outcome is True
        if outcome is None:
            lost.append(sha256)
        if place % archive.SAID_EVERY == 0 or place == len(hashes):
            say(f"archive {place}/{len(hashes)}: {copied} new")
    return lost


def _copy_reference(source: Path, target: Path) -> dict[str, str]:
    """Copy the reference folder; give the sha256 of each file."""
    files = [path for path in sorted(source.rglob("*")) if path.is_file()]
    for path in files:
        (target / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
        put_file(target / path.relative_to(source), path.read_bytes())
    return {str(path.relative_to(source)): sha256_of(target / path.relative_to(source)) or "" for path in files}


def _give_name(aside: Path, place: Path) -> Path:
    """Make sure that all of a backup is on the disk, then let it be seen."""
    for path in (*aside.rglob("*"), aside):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    aside.rename(place)
    sync_folder(place.parent)
    return place


def _note(settings: Settings, done: Path) -> None:
    """Leave word in the archive for `doctor` of when the last backup was made."""
    settings.archive.mkdir(parents=True, exist_ok=True)
    put_file(settings.archive / MADE, f"{done}\n".encode())
