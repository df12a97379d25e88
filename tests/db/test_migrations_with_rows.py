"""Migrations of a warehouse that has been in use: from every earlier schema, with the rows that it could hold.

tests/db/schemas/NNNN.sql is what a program of that schema could write. A warehouse at schema N has lived through all
before it: each file is run when its own migration is the last. A migration without such a file adds no rows.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import Engine, text

from etl import commands, pipeline
from etl.db import migrate, store_reference
from etl.keeping.tables import find_tables
from etl.receive import keep
from etl.reference import Reference
from etl.settings import CHECKOUT
from etl.warehouse.migrations import SQL, find_pending
from tests.db.made import Maker, whole
from tests.db.towns import make_settings

ROWS = Path(__file__).with_name("schemas")
NUMBERS = sorted(path.name[:4] for path in (SQL / "migrations").glob("*.sql"))
WRITTEN = sorted(path.stem for path in ROWS.glob("*.sql"))
GONE = {("mail", "attachments")}  # columns that a migration has dropped; nothing ever filled them
IS_WHOLE = bool(os.environ.get("EVERY_SCHEMA"))  # the whole way from each of them: a minute
SAMPLES = CHECKOUT / "samples" / "2022-04"


def lay_out_with_rows(engine: Engine, folder: Path, last: str, archive: Path) -> None:
    """Bring an empty warehouse to a schema, writing on the way what each schema could hold."""
    (folder / "migrations").mkdir(parents=True)
    (folder / "views").mkdir()
    for path in sorted((SQL / "migrations").glob("*.sql")):
        if path.name[:4] > last:
            break
        shutil.copy(path, folder / "migrations")
        migrate(engine, folder)
        rows = ROWS / f"{path.name[:4]}.sql"
        if rows.exists():
            with engine.begin() as conn:
                driver: Any = conn.connection.driver_connection
                driver.execute(rows.read_text("utf-8").replace("{archive}", str(archive)))


def read_rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Read all tables but the ledger of migrations."""
    with engine.begin() as conn:
        driver: Any = conn.connection.driver_connection
        statement = sql.SQL("SELECT to_jsonb(kept) FROM {} AS kept")
        names = [name for name, _ in find_tables(conn) if name != "migration"]
        return {name: [row[0] for row in driver.execute(statement.format(sql.Identifier(name)))] for name in names}


def find_lost(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Name the rows that are not there any more as they were, by the columns that they had."""
    lost = []
    for table, rows in before.items():
        columns = sorted({name for row in rows for name in row if (table, name) not in GONE})
        missing = Counter(spell(row, columns) for row in rows) - Counter(
            spell(row, columns) for row in after.get(table, [])
        )
        lost += [f"{table}: {row}" for row in missing]
    return lost


def spell(row: dict[str, Any], columns: list[str]) -> str:
    return json.dumps([row.get(name, "no such column") for name in columns], sort_keys=True)


def use_views(engine: Engine) -> int:
    """Read every view to its end; give how many there are."""
    with engine.begin() as conn:
        views = conn.execute(text("SELECT viewname FROM pg_views WHERE schemaname = 'public'")).scalars().all()
        for view in views:
            conn.execute(text(f"SELECT * FROM {view}")).all()
    return len(views)


@pytest.mark.parametrize("last", NUMBERS)
def test_nothing_is_lost_from_a_schema_to_the_newest_and_it_works_on(
    last: str, empty: Engine, tmp_path: Path, reference: Reference, maker: Maker
) -> None:
    lay_out_with_rows(empty, tmp_path / "sql", last, tmp_path / "archive")
    before = read_rows(empty)
    if last <= WRITTEN[-1]:
        assert all(before.values()), [name for name, rows in before.items() if not rows]
    migrate(empty)
    assert find_pending(empty) == []
    assert find_lost(before, read_rows(empty)) == []
    assert use_views(empty) > 15
    if last == "0001":
        return
    with empty.begin() as conn:
        known = "SELECT unit_code, received_total FROM ward_period WHERE period_key = '2022-04' AND unit_code = '09577'"
        assert {row.received_total for row in conn.execute(text(known))} == {40, 3}
        store_reference(conn, reference)
    loaded = maker.load(empty, "new", maker.report("09583", "2022-04", [whole(10, 9)]))
    assert loaded.is_new and [standing.stand for standing in loaded.stands.values()] == ["counts"]
    assert find_lost({"report_row": before["report_row"]}, read_rows(empty)) == []


@pytest.mark.parametrize("last", NUMBERS[1:] if IS_WHOLE else ["0005"])  # 0005: the first that was published with
def test_the_whole_way_goes_on_after_migrating(last: str, empty: Engine, tmp_path: Path) -> None:
    settings = make_settings(empty, tmp_path, {})
    lay_out_with_rows(empty, tmp_path / "sql", last, settings.archive)
    for source in SAMPLES.glob("1-first/095[78][0467]/*"):
        keep(source.read_bytes(), settings.archive)
    migrate(empty)
    (corrected,) = SAMPLES.glob("2-later/09574/*")
    assert commands.submit(settings, [corrected])[0]["outcome"] == "accepted"
    assert pipeline.close_period(settings, "2022-04")["news"] >= 1
    assert "2022-04" in pipeline.find_stale_periods(settings)
    published = pipeline.publish_period(settings, "2022-04")
    assert published["is_new"] and published["number"] == (1 if last < "0004" else 2)
    (row,) = commands.status(settings, "2022-04")[0][:1]
    assert (row["unit_code"], row["status"]) == ("09574", "accepted")


def test_a_row_that_a_migration_loses_would_be_found(empty: Engine, tmp_path: Path) -> None:
    lay_out_with_rows(empty, tmp_path / "sql", "0004", tmp_path / "archive")
    before = read_rows(empty)
    with empty.begin() as conn:
        conn.execute(text("DELETE FROM mail WHERE sent_at IS NULL"))
        conn.execute(text("UPDATE waiver SET reason = 'khác'"))
    assert sorted(one.partition(":")[0] for one in find_lost(before, read_rows(empty))) == ["mail", "waiver"]
