"""Backups: whole, of one moment, brought back elsewhere as they were, and refused where they are damaged."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from etl import decisions, pipeline
from etl.commandline.operating import app
from etl.db import connect, migrate
from etl.embedded import EmbeddedServer
from etl.errors import ConfigError
from etl.figures import Wanted, build_release
from etl.keeping.backup import back_up
from etl.keeping.manifest import read_manifest
from etl.keeping.restore import Restored, check_backup, find_backup, put_published, restore
from etl.settings import Settings
from etl.warehouse.migrations import SQL
from tests.db.conftest import make_database
from tests.db.made import Maker, whole
from tests.db.towns import make_settings, send_samples

IS_WHOLE = bool(os.environ.get("BACKUP_OF_ALL_SAMPLES"))  # half a minute more
FIRST, LAST = ("2022-01" if IS_WHOLE else "2022-03"), "2022-04"
FOLDERS = (
    [f"2022-0{month}/1-first" for month in (1, 2, 3, 4)] + [f"2022-0{month}/2-later" for month in (2, 3)]
    if IS_WHOLE
    else ["2022-03/1-first/09574", "2022-04/1-first/09574", "2022-04/1-first/269", "2022-04/1-first/09577"]
)
LEDGERS = (
    "SELECT * FROM mail ORDER BY mail_no",
    "SELECT * FROM mail_attachment ORDER BY mail_no, ordinal",
    "SELECT * FROM waiver ORDER BY waiver_no",
    "SELECT * FROM publication_file ORDER BY period_key, number, name",
    "SELECT * FROM publication_log ORDER BY period_key, number",
    "SELECT * FROM ward_period ORDER BY period_key, unit_code, field, source_system",
    "SELECT name, checksum FROM migration ORDER BY name",
)


def quiet(line: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def used(
    server: EmbeddedServer, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Engine]]:
    """Give an installation that took in samples, had a finding waived, published, and mailed all but the digests."""
    home = tmp_path_factory.mktemp("used")
    for engine in make_database(server, migrated):
        settings = make_settings(engine, home, {})
        send_samples(settings, *FOLDERS)
        decisions.waive(
            settings, "09574", LAST, "B.resolved", reason="đã đối chiếu sổ", author="vận hành", every=True
        )  # fmt: skip
        with engine.begin() as conn:
            conn.execute(text("UPDATE mail SET sent_at = queued_at, attempts = 1"))
        for month in pipeline.find_stale_periods(settings):
            pipeline.publish_period(settings, month)
        yield settings, engine


@pytest.fixture(scope="module")
def backup(used: tuple[Settings, Engine]) -> Path:
    return back_up(used[0], used[0].home / "backups", quiet)


@pytest.fixture
def elsewhere(empty: Engine, tmp_path: Path) -> Settings:
    """Give an installation in which nothing is, not even a reference folder."""
    return Settings.from_env({
        "WARD_REPORTS_HOME": str(tmp_path / "elsewhere"),
        "WARD_REPORTS_DATABASE_URL": empty.url.render_as_string(hide_password=False),
        "WARD_REPORTS_REFERENCE": str(tmp_path / "elsewhere" / "reference"),
        "WARD_REPORTS_SETTLE_SECONDS": "0",
    })  # fmt: skip


def read_all(engine: Engine) -> list[list[Any]]:
    with engine.begin() as conn:
        return [list(conn.execute(text(statement))) for statement in LEDGERS]


def read_files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name[0] != "."}


def figures(settings: Settings) -> pd.DataFrame:
    return build_release(settings, Wanted(FIRST, LAST)).dataset.frame


def bring_back(settings: Settings, backup: Path, *, is_replacing: bool = False, sends_waiting: bool = True) -> Restored:
    return restore(settings, backup, quiet, is_replacing=is_replacing, sends_waiting=sends_waiting)


def count(engine: Engine, statement: str) -> int:
    with engine.begin() as conn:
        return int(conn.execute(text(statement)).scalar_one())


def test_what_is_brought_back_elsewhere_is_what_was_kept(
    used: tuple[Settings, Engine], backup: Path, elsewhere: Settings, empty: Engine
) -> None:
    settings, engine = used
    done = bring_back(elsewhere, backup)
    assert put_published(elsewhere) > 10
    kept = read_all(engine)
    assert all(kept) and read_all(empty) == kept
    for folder in ("archive", "published", "reference"):
        assert read_files(elsewhere.home / folder) == read_files(settings.home / folder) != {}
    waited = count(engine, "SELECT count(*) FROM mail WHERE sent_at IS NULL")  # the digests
    assert (done.reference, done.waiting) == ("put back", waited) and waited > 0
    pd.testing.assert_frame_equal(figures(elsewhere), figures(settings))
    # it goes on as if nothing had happened: the same files again are known, nobody is told anything, nothing is stale
    mails = count(empty, "SELECT count(*) FROM mail")
    send_samples(elsewhere, *FOLDERS)
    assert pipeline.close_period(elsewhere, LAST)["news"] == 0
    assert pipeline.find_stale_periods(elsewhere) == []
    assert count(empty, "SELECT count(*) FROM mail") == mails
    assert count(empty, "SELECT count(*) FROM mail WHERE sent_at IS NULL") == done.waiting
    # numbers go on after the highest, and what was append-only is so again
    highest = count(empty, "SELECT max(report_no) FROM report")
    send_samples(elsewhere, "2022-04/2-later/09574")
    assert count(empty, "SELECT max(report_no) FROM report") == highest + 1
    for table in ("submission", "mail_message", "report_row"):
        with pytest.raises(IntegrityError, match="append-only"), empty.begin() as conn:
            conn.execute(text(f"DELETE FROM {table}"))


def test_the_loader_makes_a_backup_and_the_next_one_copies_only_what_is_new(used: tuple[Settings, Engine]) -> None:
    settings, engine = used
    with engine.begin() as conn:
        conn.execute(text("CREATE ROLE keeper LOGIN IN ROLE loader"))
    try:
        as_loader = replace(settings, database_url=engine.url.set(username="keeper").render_as_string(False))
        said: list[str] = []
        first = back_up(as_loader, settings.home / "by-loader", said.append)
        lying = {path: path.stat().st_mtime_ns for path in (first.parent / "archive").rglob("*") if path.is_file()}
        files = len(lying)
        assert f"archive {files}/{files}: {files} new" in said
        second = back_up(as_loader, settings.home / "by-loader", said.append)
        assert said[-1] == f"archive {files}/{files}: 0 new"
    finally:
        with engine.begin() as conn:
            conn.execute(text("DROP ROLE keeper"))
    assert lying == {path: path.stat().st_mtime_ns for path in lying}
    assert find_backup(first.parent) == second and find_backup(first) == first
    assert read_manifest(first).tables == read_manifest(second).tables
    assert first.parent.stat().st_mode & 0o077 == 0


def test_a_warehouse_in_use_is_replaced_only_when_told_to_and_kept_aside(
    used: tuple[Settings, Engine], backup: Path, engine: Engine, maker: Maker, elsewhere: Settings
) -> None:
    here = replace(elsewhere, database_url=engine.url.render_as_string(False))
    maker.load_month(engine, "2022-04", {"09574": whole(10, 9)})
    with pytest.raises(ConfigError, match=r"in use \(.*report 1.*--replace"):
        bring_back(here, backup)
    assert not here.archive.exists()
    done = bring_back(here, backup, is_replacing=True, sends_waiting=False)
    assert count(engine, f"SELECT count(*) FROM {done.set_aside}.report") == 1
    assert count(engine, "SELECT count(*) FROM report") == count(used[1], "SELECT count(*) FROM report")
    assert done.waiting == count(engine, "SELECT count(*) FROM mail WHERE last_error LIKE 'waited when%'") > 0
    assert count(engine, "SELECT count(*) FROM mail WHERE sent_at IS NULL AND refused_at IS NULL") == 0


def test_an_empty_warehouse_that_was_migrated_already_takes_a_backup(
    used: tuple[Settings, Engine], backup: Path, engine: Engine, elsewhere: Settings
) -> None:
    done = bring_back(replace(elsewhere, database_url=engine.url.render_as_string(False)), backup)
    assert done.set_aside == "" and read_all(engine) == read_all(used[1])


def wait_for(is_so: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def cut(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-9])


def flip(path: Path) -> None:
    """Change one byte in the middle."""
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
@pytest.mark.parametrize(
    "part", ["manifest.json", "warehouse/report_row.gz", "archive.gz", "reference/town.yaml", "../archive/??/*"]
)
def test_a_damaged_backup_is_refused_before_anything_is_written(
    backup: Path, elsewhere: Settings, empty: Engine, damage: Callable[[Path], None], part: str
) -> None:
    folder = elsewhere.home.parent / "damaged"
    shutil.copytree(backup.parent, folder)
    damaged = next((folder / backup.name).glob(part))
    damage(damaged)
    said = "manifest" if part == "manifest.json" else damaged.name
    if (part, damage) == ("manifest.json", flip):
        damaged.write_bytes((backup / part).read_bytes().replace(b'"rows": 1', b'"rows": 2', 1))
        said = "is not what was written"
    with pytest.raises(ConfigError, match=said):
        bring_back(elsewhere, find_backup(folder) if damage is not Path.unlink else folder / backup.name)
    assert not elsewhere.home.exists()
    assert count(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_a_backup_of_a_newer_program_is_refused(backup: Path, elsewhere: Settings, empty: Engine) -> None:
    folder = Path(shutil.copytree(backup.parent, elsewhere.home.parent / "newer")) / backup.name
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["migrations"]["9999_later.sql"] = "0"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match=r"9999_later\.sql.*update the program"):
        bring_back(elsewhere, folder)
    assert count(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_a_backup_while_reports_are_loaded_is_of_one_moment(
    engine: Engine, maker: Maker, elsewhere: Settings, server: EmbeddedServer
) -> None:
    """Each load adds a submission, a reading, a report and its row at once: a backup has all of it, or nothing."""
    here = replace(elsewhere, database_url=engine.url.render_as_string(False))
    done, ends = [], threading.Event()

    def load_on() -> None:
        while not ends.is_set():
            report = maker.report("09574", "2022-04", [whole(10, 9)])
            maker.load(engine, f"file {len(done)}", report, hours=len(done))
            done.append(len(done))

    thread = threading.Thread(target=load_on)
    thread.start()
    try:
        for number in range(4):
            wait_for(lambda least=5 * number: len(done) > least)
            with pytest.raises(ConfigError, match=r"of the archive \d+ files are lost"):  # these have no bytes
                back_up(here, here.home / "backups", quiet)
    finally:
        ends.set()
        thread.join()
    backups = sorted((here.home / "backups").glob("*Z"))
    kept = [{table.name: table.rows for table in read_manifest(one).tables} for one in backups]
    for rows in kept:
        assert rows["submission"] == rows["reading"] == rows["report"] == rows["report_row"]
    assert 0 < kept[0]["report"] < kept[-1]["report"] < len(done)


def test_what_a_killed_backup_left_is_removed_by_the_next(used: tuple[Settings, Engine]) -> None:
    folder = used[0].home / "killed"
    (folder / ".making" / "warehouse").mkdir(parents=True)
    (folder / ".making" / "warehouse" / "half.gz").write_bytes(b"?")
    done = back_up(used[0], folder, quiet)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", done.name, "archive"]
    assert not (done / "warehouse" / "half.gz").exists()


def test_a_file_that_the_archive_has_lost_is_named_and_taken_from_an_earlier_backup(
    used: tuple[Settings, Engine], elsewhere: Settings
) -> None:
    settings = replace(used[0], archive=elsewhere.home / "archive")
    shutil.copytree(used[0].archive, settings.archive)
    victim = next(path for path in sorted(settings.archive.rglob("*")) if len(path.name) == 64)
    flip(victim)
    with pytest.raises(ConfigError, match=victim.name[:12]):
        back_up(settings, elsewhere.home / "backups", quiet)
    shutil.copyfile(used[0].archive / victim.name[:2] / victim.name, victim)
    back_up(settings, elsewhere.home / "backups", quiet)
    victim.unlink()
    last = back_up(settings, elsewhere.home / "backups", quiet)
    assert check_backup(last, quiet).missing == ()


def test_a_backup_of_an_older_schema_is_brought_up_to_date(
    used: tuple[Settings, Engine], server: EmbeddedServer, elsewhere: Settings, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    shutil.rmtree(folder / "views")
    for later in [path for path in (folder / "migrations").glob("*.sql") if path.name > "0008"]:
        later.unlink()
    for old in make_database(server, "template1"):
        migrate(old, folder)
        with old.begin() as conn:
            conn.execute(text("INSERT INTO field (code, name) VALUES ('x', E'a\\tb\nc\\\\.')"))
        before = replace(elsewhere, database_url=old.url.render_as_string(False), home=tmp_path / "before")
        kept = back_up(replace(before, reference=used[0].reference), tmp_path / "backups", quiet)
    assert "0009_mailbox.sql" not in read_manifest(kept).migrations
    bring_back(elsewhere, kept)
    with connect(elsewhere.database_url).begin() as conn:
        assert conn.execute(text("SELECT name FROM field WHERE code = 'x'")).scalar_one() == "a\tb\nc\\."
        assert migrate(connect(elsewhere.database_url)) == []


def test_the_commands_say_what_they_did(
    used: tuple[Settings, Engine], elsewhere: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("HOME", used[0].home),
        ("DATABASE_URL", used[0].database_url),
        ("REFERENCE", used[0].reference),
    ):
        monkeypatch.setenv(f"WARD_REPORTS_{name}", str(value))
    folder = str(elsewhere.home / "backups")
    made = CliRunner().invoke(app, ["backup", folder])
    assert made.exit_code == 0 and made.output.splitlines()[-1].endswith("Z")
    checked = CliRunner().invoke(app, ["restore", folder, "--check"])
    assert checked.exit_code == 0 and ": whole; " in checked.output
    for name, value in (("HOME", elsewhere.home), ("DATABASE_URL", elsewhere.database_url)):
        monkeypatch.setenv(f"WARD_REPORTS_{name}", str(value))
    done = CliRunner().invoke(app, ["restore", folder, "--no-waiting-mails"])
    assert done.exit_code == 0 and "published files put back" in done.output and "are never sent" in done.output
    assert isinstance(CliRunner().invoke(app, ["restore", folder]).exception, ConfigError)
