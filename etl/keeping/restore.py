"""Bring a backup back: all of it is read and found whole before anything is written.

The warehouse is laid out as it was when the backup was made, filled, read back and compared, all in one transaction;
then it is brought up to date like any other. A warehouse that was in use is set aside whole, never removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine

from etl import db
from etl.disk import put_file
from etl.errors import ConfigError
from etl.keeping import archive
from etl.keeping.backup import Say
from etl.keeping.manifest import ARCHIVE_LIST, NAME, Manifest, TableCopy, find_damage, read_manifest
from etl.keeping.tables import (
    clear,
    copy_in,
    digest_rows,
    find_nonempty,
    find_tables,
    move_archive,
    number_on,
)
from etl.publish import put_files
from etl.settings import Settings
from etl.warehouse.migrations import VIEWS, lay_out, migrate
from etl.warehouse.publications import find_each_last

# What `migrate` fills by itself, from the reference folder: a warehouse with nothing else was never used.
FILLED_BY_ITSELF = frozenset({
    "migration", "unit", "unit_succession", "succession_group", "field", "period", "measure", "rate", "source_system",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back. `set_aside`: the schema that holds what was there before; `waiting`: mails to be sent."""

    backup: Path
    made_at: datetime
    rows: int
    files: int
    set_aside: str
    waiting: int
    reference: str


def find_backup(folder: Path) -> Path:
    """Find the backup: the folder itself, or the last one in a folder of backups. *Raises*: ConfigError."""
    if (folder / NAME).exists():
        return folder
    made = sorted(path.parent for path in folder.glob(f"*Z/{NAME}"))
    if not made:
        raise ConfigError(f"there is no backup in {folder}")
    return made[-1]


def check_backup(backup: Path, say: Say) -> Manifest:
    """Read all of a backup. *Raises*: ConfigError, naming what is damaged or missing."""
    manifest = read_manifest(backup)
    damage = list(find_damage(backup, manifest))
    wanted = [] if damage else _find_kept(backup, manifest)
    for start in range(0, len(wanted), archive.SAID_EVERY):
        found = archive.find_damaged(wanted[start : start + archive.SAID_EVERY], _archive_of(backup))
        damage += [f"archive/{sha256[:2]}/{sha256}: {what}" for sha256, what in found]
        say(f"checked {min(start + archive.SAID_EVERY, len(wanted))}/{len(wanted)} archived files")
    if damage:
        raise ConfigError(
            *(f"the backup {backup} is damaged: {one}" for one in damage[:10]),
            f"{len(damage)} parts of it are damaged: nothing was written. Take another backup of that folder",
        )
    return manifest


def restore(settings: Settings, backup: Path, say: Say, *, is_replacing: bool, sends_waiting: bool) -> Restored:
    """Bring a backup back into the warehouse, the archive, and the folders of reference and published files.

    *Raises*: ConfigError, with the warehouse as it was: where the backup is damaged or of a newer program, where the
    warehouse is in use and is not to be replaced, where this role may not lay it out.
    """
    manifest = check_backup(backup, say)
    engine = db.connect(db.warehouse_url(settings))
    in_use = _find_in_use(engine)
    if in_use and not is_replacing:
        named = ", ".join(f"{name} {rows}" for name, rows in list(in_use.items())[:4])
        raise ConfigError(f"the warehouse is in use ({named} …): --replace sets it aside and brings the backup back")
    files = _restore_archive(settings.archive, backup, manifest, say)
    aside = f"before_restore_{datetime.now(UTC):%Y%m%d_%H%M%S}" if in_use else ""
    _restore_warehouse(engine, settings, backup, manifest=manifest, aside=aside)
    say(f"warehouse: {len(manifest.tables)} tables brought back and compared")
    for name in migrate(engine):
        say(f"applied {name}")
    return Restored(
        backup=backup,
        made_at=manifest.made_at,
        rows=sum(table.rows for table in manifest.tables),
        files=files,
        set_aside=aside,
        waiting=_settle_mails(engine, manifest, sends_waiting=sends_waiting),
        reference=_restore_reference(settings.reference, backup / "reference", manifest),
    )


def put_published(settings: Settings) -> int:
    """Write the published files that are missing or differ, of all periods; give how many were written."""
    engine = db.connect(db.warehouse_url(settings))
    with engine.begin() as conn:
        return sum(len(put_files(conn, key, settings.published)) for key in find_each_last(conn))


def _find_kept(backup: Path, manifest: Manifest) -> list[str]:
    """List the sha256 of the archived files that a backup has."""
    missing = set(manifest.missing)
    return [sha256 for sha256 in archive.read_list(backup / ARCHIVE_LIST) if sha256 not in missing]


def _archive_of(backup: Path) -> Path:
    return backup.parent / archive.FOLDER


def _find_in_use(engine: Engine) -> dict[str, int]:
    """Count the rows of the tables that only use fills. *Missing*: empty where the warehouse was never used."""
    with engine.begin() as conn:
        return find_nonempty(conn, [name for name, _ in find_tables(conn) if name not in FILLED_BY_ITSELF])


def _restore_archive(target: Path, backup: Path, manifest: Manifest, say: Say) -> int:
    """Put the files that are missing into the archive; what lies there already stays. Give how many were put."""
    hashes, put = _find_kept(backup, manifest), 0
    for place, sha256 in enumerate(hashes, start=1):
        outcome = archive.copy_file(sha256, _archive_of(backup), target)
        if outcome is None:
            raise ConfigError(f"archive/{sha256[:2]}/{sha256} of the backup could not be read: try again")
        put += outcome
        if place % archive.SAID_EVERY == 0 or place == len(hashes):
            say(f"archive {place}/{len(hashes)}: {put} put back")
    return put


def _restore_warehouse(engine: Engine, settings: Settings, backup: Path, *, manifest: Manifest, aside: str) -> None:
    """Lay the warehouse out as it was, fill it and compare, or change nothing."""
    try:
        with engine.begin() as conn:
            _make_room(conn, aside)
            lay_out(conn, manifest.migrations)
            _fill(conn, backup, manifest.tables)
            tables = [(table.name, table.columns) for table in manifest.tables]
            move_archive(conn, tables, settings.archive)
            conn.execute(db.query("delete_migration"), {"name": VIEWS})  # they are made anew, as this program has them
    except psycopg.Error as error:
        raise ConfigError(f"the warehouse cannot be restored, and is as it was: {str(error).strip()}") from error


def _make_room(conn: Connection, aside: str) -> None:
    """Empty the schema: what was in use is kept under another name, for the operator to look at and remove."""
    driver: Any = conn.connection.driver_connection
    if aside:
        driver.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(aside)))
    else:
        driver.execute("DROP SCHEMA public CASCADE")
    driver.execute("CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")


def _fill(conn: Connection, backup: Path, tables: Sequence[TableCopy]) -> None:
    """Bring the rows back, and read them again: they must be what the backup says."""
    conn.execute(db.query("set_plain_copy"))
    names = [table.name for table in tables]
    if unlike := set(names) ^ {name for name, _ in find_tables(conn)}:
        raise ConfigError(f"the backup's tables are not those of its migrations: {', '.join(sorted(unlike))}")
    clear(conn, names)
    for table in tables:
        copy_in(conn, table, backup / table.file)
        if digest_rows(conn, (table.name, table.columns)) != table:
            raise ConfigError(f"the rows of {table.name} that were brought back are not those of the backup")
    number_on(conn)


def _settle_mails(engine: Engine, manifest: Manifest, *, sends_waiting: bool) -> int:
    """Count the mails that waited when the backup was made; have them never sent where that is asked for."""
    with engine.begin() as conn:
        waiting = int(conn.execute(db.query("count_mail_waiting")).scalar_one())
        if not sends_waiting:
            why = f"waited when the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC was made; not sent after it"
            conn.execute(db.query("store_mail_given_up"), {"last_error": why})
    return waiting


def _restore_reference(target: Path, source: Path, manifest: Manifest) -> str:
    """Put the reference folder back where there is none; one that is there stays. Say what it is to the backup's."""
    lying = {name: (target / name).read_bytes() for name in manifest.reference if (target / name).is_file()}
    if not target.exists() or not any(target.iterdir()):
        for name in manifest.reference:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            put_file(target / name, (source / name).read_bytes())
        return "put back"
    differing = [name for name in manifest.reference if lying.get(name) != (source / name).read_bytes()]
    return f"kept as it is; the backup's differs in {', '.join(differing)}" if differing else "the same"
