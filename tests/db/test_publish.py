"""The ledger of publications and the files: numbered when they change, whole after any crash."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from etl.db import store_reference
from etl.letters.digests import compose_digest
from etl.load import find_periods_stale
from etl.outbox import queue_mail
from etl.publish import publish
from etl.publishing.publication import Publication
from etl.town import build_town
from etl.town_dataset import TownDataset
from tests.db.made import ODD, Maker
from tests.unit.town_example import APRIL, REFERENCE, figures, town, with_status


@pytest.fixture(autouse=True)
def april(engine: Engine) -> None:
    """Make the period known."""
    with engine.begin() as conn:
        store_reference(conn, REFERENCE, [APRIL])


def publish_once(engine: Engine, dataset: TownDataset, target: Path) -> Publication:
    with engine.begin() as conn:
        return publish(conn, dataset, REFERENCE, target)


def numbers(engine: Engine) -> list[int]:
    with engine.connect() as conn:
        return list(conn.execute(text("SELECT number FROM publication ORDER BY number")).scalars())


def files(target: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((target / "2022-04").iterdir())}


def test_publishes_once_what_stays_the_same(engine: Engine, tmp_path: Path) -> None:
    first = publish_once(engine, town(), tmp_path)
    before = files(tmp_path)
    again = publish_once(engine, town(), tmp_path)
    assert (first.number, first.is_new, first.is_restatement) == (1, True, False)
    assert (again.number, again.is_new, again.published_at) == (1, False, first.published_at)
    assert files(tmp_path) == before and numbers(engine) == [1]
    assert set(before) == {f"town-2022-04{own}.{kind}" for own in ("", "-no1") for kind in ("csv", "xlsx")}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in before.items()} == dict(first.files)


def test_numbers_a_restatement_and_keeps_what_was_published(engine: Engine, tmp_path: Path) -> None:
    publish_once(engine, town(received=(100, None, 40)), tmp_path)
    before = files(tmp_path)
    second = publish_once(engine, town(), tmp_path)
    after = files(tmp_path)
    assert (second.number, second.is_new, second.is_restatement) == (2, True, True)
    assert after["town-2022-04-no1.csv"] == before["town-2022-04.csv"]
    assert after["town-2022-04.xlsx"] == after["town-2022-04-no2.xlsx"] != before["town-2022-04.xlsx"]
    assert publish_once(engine, town(received=(100, None, 40)), tmp_path).number == 3, "back again is a restatement too"


def test_counts_a_changed_coverage_but_not_the_clock(engine: Engine, tmp_path: Path) -> None:
    dataset = town(received=(100, None, 40))
    publish_once(engine, dataset, tmp_path)
    assert not publish_once(engine, with_status(dataset, "09577", "missing", is_late=True), tmp_path).is_new
    assert publish_once(engine, with_status(dataset, "09577", "rejected"), tmp_path).is_new


def test_keeps_up_with_the_state_it_was_built_from(engine: Engine, tmp_path: Path) -> None:
    publish_once(engine, town(), tmp_path)
    assert publish_once(engine, replace(town(), fingerprint="another"), tmp_path).is_new, "else it stays stale for ever"


def test_a_transaction_lost_after_the_files_were_written_heals(engine: Engine, tmp_path: Path) -> None:
    publish_once(engine, town(received=(100, None, 40)), tmp_path)
    with engine.connect() as conn:
        publish(conn, town(), REFERENCE, tmp_path)
        conn.rollback()
    assert numbers(engine) == [1]
    healed = publish_once(engine, town(), tmp_path)
    assert healed.number == 2 and numbers(engine) == [1, 2]
    assert hashlib.sha256(files(tmp_path)["town-2022-04-no2.csv"]).hexdigest() == healed.files["town-2022-04-no2.csv"]
    assert files(tmp_path)["town-2022-04.csv"] == files(tmp_path)["town-2022-04-no2.csv"]


def test_files_that_are_gone_or_half_written_come_back(engine: Engine, tmp_path: Path) -> None:
    publish_once(engine, town(), tmp_path)
    before = files(tmp_path)
    (tmp_path / "2022-04" / "town-2022-04.csv").unlink()
    (tmp_path / "2022-04" / "town-2022-04.xlsx").write_bytes(b"PK")
    assert not publish_once(engine, town(), tmp_path).is_new
    assert files(tmp_path) == before


def test_nothing_is_left_aside_where_writing_fails(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "2022-04" / "town-2022-04.csv").mkdir(parents=True)
    with pytest.raises(OSError), engine.begin() as conn:
        publish(conn, town(), REFERENCE, tmp_path)
    assert numbers(engine) == []
    assert not [path for path in (tmp_path / "2022-04").iterdir() if path.name.startswith(".")]


def test_two_publishers_take_turns(engine: Engine, conn: Connection, tmp_path: Path) -> None:
    publish(conn, town(), REFERENCE, tmp_path)
    with engine.connect() as other:
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            publish(other, town(), REFERENCE, tmp_path)
    conn.commit()
    assert not publish_once(engine, town(), tmp_path).is_new


def test_publishes_what_the_warehouse_holds_and_is_no_longer_stale(engine: Engine, tmp_path: Path) -> None:
    maker = Maker(REFERENCE)
    units = [unit for unit in REFERENCE.expected_units(APRIL) if unit.code != "09577"]
    counts = {name: count for name, count in figures(100, late=1).items() if count is not None}
    maker.load_month(engine, "2022-04", {unit.code: counts for unit in units})
    late = figures(7)
    for number, report in enumerate([maker.report("09577", "2022-04", [late], ODD), None], 1):
        with engine.begin() as conn:
            dataset = build_town(conn, REFERENCE, [APRIL])
            publication = publish(conn, dataset, REFERENCE, tmp_path)
            message = compose_digest(dataset, REFERENCE, publication)
            assert queue_mail(conn, message)
        assert publication.number == number
        with engine.begin() as conn:
            assert find_periods_stale(conn) == []
            again = publish(conn, build_town(conn, REFERENCE, [APRIL]), REFERENCE, tmp_path)
            assert not again.is_new and not queue_mail(conn, compose_digest(dataset, REFERENCE, again))
        is_partial = report is not None
        assert ("chưa đầy đủ" in message.subject) is is_partial
        assert ("phường Phú Thịnh" in message.text) is is_partial
        if report:
            maker.load(engine, "the last ward", report)
    table = (tmp_path / "2022-04" / "town-2022-04.csv").read_text("utf-8-sig")
    whole = next(line for line in table.splitlines() if ",town,,,all," in line)
    assert f",{100 * len(units) + 7}," in whole and f",{len(units) + 1},{len(units) + 1},false,0,0,2," in whole
