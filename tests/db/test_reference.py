"""The reference in the warehouse: stored once, changed where the folder changed, never against its reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from etl.db import open_engine, store_reference
from etl.errors import ConfigError
from etl.forms import Measure, OverTime
from etl.model import Unit
from etl.periods import Calendar
from etl.reference import Reference
from etl.settings import Settings
from etl.warehouse.migrations import SQL
from tests.db.made import Maker, whole


def dump(conn: Connection) -> list[str]:
    """Show every row with the transaction that wrote it last."""
    tables = ("unit", "unit_succession", "succession_group", "field", "period")
    return [str(row) for table in tables for row in conn.execute(text(f"SELECT xmin, {table}.* FROM {table}"))]


def test_storing_twice_touches_nothing(conn: Connection, reference: Reference, maker: Maker) -> None:
    store_reference(conn, reference, [maker.period("2022-04"), maker.period("2022-Q1")])
    before = dump(conn)
    conn.commit()
    store_reference(conn, reference, [maker.period("2022-04")])
    assert dump(conn) == before
    assert conn.execute(text("SELECT count(*) FROM unit")).scalar_one() == len(reference.units)


def test_closes_a_unit_and_opens_its_successor_in_one_statement(conn: Connection, reference: Reference) -> None:
    *_, last = (unit for unit in reference.units if unit.valid_to is None)
    closed = replace(last, valid_to=date(2026, 12, 31))
    opened = Unit(last.code, "Mới", last.kind, date(2027, 1, 1))
    units = tuple(closed if unit == last else unit for unit in (opened, *reference.units))
    store_reference(conn, replace(reference, units=units))
    names = conn.execute(
        text("SELECT name FROM unit WHERE code = :code AND valid && '[2026-06-01,)'"), {"code": last.code}
    )
    assert sorted(names.scalars()) == sorted([last.name, "Mới"])


def test_validity_cannot_overlap(conn: Connection) -> None:
    added = "INSERT INTO unit (code, name, kind, is_desk, valid_from) VALUES ('09577', 'x', 'xã', false, '2025-06-30')"
    with pytest.raises(IntegrityError, match="unit_validity_does_not_overlap"):
        conn.execute(text(added))


def test_a_unit_with_reports_is_closed_never_removed(engine: Engine, reference: Reference, maker: Maker) -> None:
    fewer = replace(reference, units=tuple(unit for unit in reference.units if unit.code != "09577"))
    maker.load(engine, "a", maker.report("09577", "2022-04", [whole(1, 1)]))
    with engine.connect() as conn, pytest.raises(ConfigError, match="close a unit, never remove it"):
        store_reference(conn, fewer)


def test_a_calendar_that_moves_stored_periods_is_refused(conn: Connection, reference: Reference, maker: Maker) -> None:
    store_reference(conn, reference, [maker.period("2022-04")])
    moved = replace(reference, town=replace(reference.town, calendar=Calendar(20)))
    with pytest.raises(ConfigError, match="2022-04 as 2022-03-15 to 2022-04-14"):
        store_reference(conn, moved)


def test_a_form_with_a_measure_without_a_column_is_refused(conn: Connection, reference: Reference) -> None:
    more = Measure("appeals", "Khiếu nại", "appeals", OverTime.FLOW)
    form = replace(reference.form, measures=(*reference.form.measures, more))
    with pytest.raises(ConfigError, match="ADD COLUMN appeals bigint CHECK"):
        store_reference(conn, replace(reference, form=form))


def test_form_and_tables_name_the_same_measures(conn: Connection, reference: Reference) -> None:
    checked = conn.execute(
        text("""
        SELECT attname FROM pg_attribute
        JOIN pg_constraint ON conrelid = attrelid AND contype = 'c' AND conkey = ARRAY[attnum]
        WHERE attrelid = to_regclass('report_row') AND atttypid = CAST('bigint' AS regtype)
    """)
    )
    measures = set(reference.form.measure_names)
    assert set(checked.scalars()) == measures
    for view in ("ward_period", "town_period"):
        assert measures <= set(conn.execute(text(f"SELECT * FROM {view}")).keys())


def test_opening_a_warehouse_by_url_asks_for_its_migrations(empty: Engine, engine: Engine) -> None:
    def settings(of: Engine) -> Settings:
        url = of.url.render_as_string(hide_password=False).replace("+psycopg", "")
        return Settings.from_env({"WARD_REPORTS_DATABASE_URL": url})

    with pytest.raises(ConfigError, match=r"0001_reference\.sql.*ward-reports migrate"):
        open_engine(settings(empty))
    open_engine(settings(engine)).dispose()
    assert len(list((SQL / "views").glob("*.sql"))) > 8


def test_groups_of_successions_follow_the_folder(conn: Connection, reference: Reference) -> None:
    counted = text(
        "SELECT side, count(*), count(*) FILTER (WHERE has_outside) FROM succession_group GROUP BY side ORDER BY side"
    )
    store_reference(conn, reference)
    assert [tuple(row) for row in conn.execute(counted)] == [("after", 4, 1), ("before", 16, 0)]
    inside = tuple(s for s in reference.successions if "outside" not in s.to_name)
    store_reference(conn, replace(reference, successions=tuple(replace(s, is_whole=True) for s in inside[:3])))
    assert [tuple(row) for row in conn.execute(counted)] == [("after", 1, 0), ("before", 3, 0)]
