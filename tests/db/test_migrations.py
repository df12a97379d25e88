"""Migrations: applied once, in order, and never changed afterwards."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from etl.db import migrate
from etl.errors import ConfigError
from etl.warehouse.migrations import SQL, find_pending

UNCOMMENTED = """
SELECT pg_class.relname || COALESCE('.' || pg_attribute.attname, '')
FROM pg_class
LEFT JOIN pg_attribute
    ON pg_attribute.attrelid = pg_class.oid AND pg_class.relkind = 'r'
    AND pg_attribute.attnum > 0 AND NOT pg_attribute.attisdropped
WHERE pg_class.relnamespace = CAST('public' AS regnamespace)
    AND pg_class.relkind IN ('r', 'v')
    AND (col_description(pg_class.oid, pg_attribute.attnum) IS NULL AND pg_attribute.attnum IS NOT NULL
        OR obj_description(pg_class.oid) IS NULL)
"""


def test_applies_everything_once(empty: Engine) -> None:
    files = [path.name for path in sorted((SQL / "migrations").glob("*.sql"))]
    assert find_pending(empty) == migrate(empty) == [*files, "views"]
    assert migrate(empty) == find_pending(empty) == []


def test_two_migrators_at_once_apply_everything_once(empty: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(migrate, [empty, empty])
    assert sorted(one + other) == sorted({*one, *other})
    assert find_pending(empty) == []


def test_refuses_a_migration_changed_after_it_was_applied(empty: Engine, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    migrate(empty, folder)
    changed = folder / "migrations" / "0001_reference.sql"
    changed.write_text(changed.read_text() + "-- a late thought\n")
    with pytest.raises(ConfigError, match=r"0001_reference\.sql was changed"):
        migrate(empty, folder)


def test_refuses_a_warehouse_newer_than_the_program(empty: Engine, tmp_path: Path) -> None:
    migrate(empty)
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    (folder / "migrations" / "0005_append_only.sql").unlink()
    with pytest.raises(ConfigError, match="update the program"):
        migrate(empty, folder)


def test_leaves_nothing_of_a_migration_that_fails(empty: Engine, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    (folder / "migrations" / "0099_wrong.sql").write_text("CREATE TABLE half (n int); SELECT 1 / 0;")
    with pytest.raises(ConfigError, match=r"0099_wrong\.sql.*division by zero"):
        migrate(empty, folder)
    with empty.connect() as conn:
        assert conn.execute(text("SELECT to_regclass('half')")).scalar_one() is None
    assert find_pending(empty, folder) == ["0099_wrong.sql", "views"]


def test_makes_views_anew_when_one_changes(empty: Engine, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    migrate(empty, folder)
    view = folder / "views" / "reporting_rate.sql"
    view.write_text(view.read_text().replace("units_expected,", "units_wanted,"))
    assert migrate(empty, folder) == ["views"]
    with empty.connect() as conn:
        assert conn.execute(text("SELECT units_wanted FROM reporting_rate")).all() == []


BEFORE_STANDING = """
INSERT INTO unit (code, name, kind, is_desk) VALUES ('1', 'Một', 'phường', false);
INSERT INTO period VALUES ('2022-04', '2022-03-15', '2022-04-14', NULL), ('2022-05', '2022-04-15', '2022-05-14', NULL);
INSERT INTO submission (sha256, name, size_bytes, received_at, archived_as)
SELECT repeat(letter, 64), letter, 1, at, '/x'
FROM (VALUES ('a', timestamptz '2022-05-01'), ('b', '2022-05-02'), ('c', '2022-05-03')) AS given (letter, at);
INSERT INTO reading (submission, revision, outcome, fingerprint, read_at)
SELECT repeat(letter, 64), revision, 'read', letter || revision, at
FROM (VALUES ('b', 1, timestamptz '2022-06-01'), ('a', 1, '2022-06-02'), ('c', 1, '2022-06-03'), ('b', 2, '2022-06-04'))
    AS given (letter, revision, at);
INSERT INTO report (submission, revision, unit_no, period_key, edition, verdict, content_sha256)
SELECT repeat(letter, 64), revision, 1, period_key, '2020', verdict, letter
FROM (
    VALUES ('b', 1, '2022-04', 'accepted'), ('a', 1, '2022-04', 'accepted'), ('c', 1, '2022-04', 'rejected'),
        ('b', 2, '2022-04', 'rejected'), ('b', 2, '2022-05', 'accepted')
) AS given (letter, revision, period_key, verdict);
"""


def test_what_counted_before_there_was_a_standing_is_known_for_each_moment(empty: Engine, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    shutil.rmtree(folder / "views")
    for later in [path for path in (folder / "migrations").glob("*.sql") if path.name > "0008"]:
        later.unlink()
    migrate(empty, folder)
    with empty.begin() as conn:
        driver: Any = conn.connection.driver_connection
        driver.execute(BEFORE_STANDING)
    migrate(empty)
    known = "SELECT period_key, left(submission, 1) FROM report_known_at(:at) ORDER BY period_key"
    with empty.connect() as conn:
        counted = {
            day: [tuple(row) for row in conn.execute(text(known), {"at": f"2022-06-0{day}T12:00:00Z"})]
            for day in (1, 2, 3, 4)
        }
        assert {row.modified_at == row.received_at for row in conn.execute(text("SELECT * FROM submission"))} == {True}
    assert counted == {
        1: [("2022-04", "b")],
        2: [("2022-04", "b")],
        3: [("2022-04", "b")],
        4: [("2022-04", "a"), ("2022-05", "b")],
    }


def test_every_table_column_and_view_says_what_it_is(conn: Connection) -> None:
    assert conn.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one() > 10
    assert list(conn.execute(text(UNCOMMENTED)).scalars()) == []


def test_statements_begin_by_saying_what_they_do() -> None:
    paths = [path for kind in ("queries", "views", "migrations") for path in (SQL / kind).glob("*.sql")]
    assert len(paths) > 30
    for path in paths:
        first, second, third = path.read_text().split("\n")[:3]
        assert first.startswith("-- ") and first.endswith((".", "…")), path
        assert second.startswith("-- grain: ") and third.startswith("-- needs: "), path
