"""The ledger of publications and the files: numbered when what they say changes, the same bytes after any crash."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from etl.db import store_reference
from etl.letters.digests import compose_digest
from etl.load import find_periods_stale
from etl.outbox import queue_mail
from etl.publish import publish, put_files
from etl.publishing.publication import Publication
from etl.publishing.release import Release
from etl.town import build_town
from etl.town_dataset import TownDataset
from etl.warehouse.publications import find_last, find_untold
from tests.db.made import ODD, Maker
from tests.unit.town_example import APRIL, REFERENCE, figures, town, with_status

PARTIAL = (100, None, 40)


@pytest.fixture(autouse=True)
def april(engine: Engine) -> None:
    """Make the period known."""
    with engine.begin() as conn:
        store_reference(conn, REFERENCE, [APRIL])


def draft(dataset: TownDataset) -> Release:
    return Release(dataset, REFERENCE, 0, datetime.now(UTC))


def publish_once(engine: Engine, dataset: TownDataset, target: Path | None = None) -> Publication:
    with engine.begin() as conn:
        publication = publish(conn, draft(dataset))
    if target is not None:
        with engine.begin() as conn:
            put_files(conn, APRIL.key, target)
    return publication


def numbers(engine: Engine) -> list[int]:
    with engine.connect() as conn:
        return list(conn.execute(text("SELECT number FROM publication ORDER BY number")).scalars())


def files(target: Path) -> dict[str, bytes]:
    folder = target / APRIL.key
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def hashes(target: Path, below: str = "") -> dict[str, str]:
    """Give the sha256 of the files of a publication's own folder, or of the last one's."""
    found = files(target)
    chosen = {name.removeprefix(below): found[name] for name in found if name.startswith(below)}
    return {name: hashlib.sha256(content).hexdigest() for name, content in chosen.items() if "/" not in name}


def test_publishes_once_what_stays_the_same(engine: Engine, tmp_path: Path) -> None:
    first = publish_once(engine, town(), tmp_path)
    before = files(tmp_path)
    again = publish_once(engine, town(), tmp_path)
    assert (first.number, first.is_new, first.is_restatement) == (1, True, False)
    assert (again.number, again.is_new, again.published_at) == (1, False, first.published_at)
    assert files(tmp_path) == before and numbers(engine) == [1]
    kinds = ("town-{}.xlsx", "town-{}.csv", "town-{}.json", "town-{}.parquet", "page-{}.html", "page-{}.pdf")
    names = {kind.format(APRIL.key) for kind in (*kinds, "checks-{}.html")} | {"datapackage.json"}
    assert names <= set(before) and {f"no1/{name}" for name in names} <= set(before)
    assert hashes(tmp_path) == hashes(tmp_path, "no1/") == dict(first.files) == dict(again.files)
    assert (again.content_sha256, again.release.number) == (first.content_sha256, 1)


def test_numbers_a_restatement_and_keeps_what_was_published(engine: Engine, tmp_path: Path) -> None:
    first = publish_once(engine, town(received=PARTIAL), tmp_path)
    second = publish_once(engine, town(), tmp_path)
    assert (second.number, second.is_new, second.is_restatement) == (2, True, True)
    assert hashes(tmp_path, "no1/") == dict(first.files)
    assert hashes(tmp_path) == hashes(tmp_path, "no2/") == dict(second.files) != dict(first.files)
    assert publish_once(engine, town(received=PARTIAL)).number == 3, "back again is a restatement too"


def test_counts_a_changed_coverage_but_not_the_clock(engine: Engine) -> None:
    dataset = town(received=PARTIAL)
    publish_once(engine, dataset)
    assert not publish_once(engine, with_status(dataset, "09577", "missing", is_late=True)).is_new
    assert publish_once(engine, with_status(dataset, "09577", "rejected")).is_new


def test_another_state_that_says_the_same_is_noted_and_not_published_again(engine: Engine) -> None:
    publish_once(engine, town())
    for state in ("another", "another", "a third"):
        assert not publish_once(engine, replace(town(), fingerprint=state)).is_new
        with engine.connect() as conn:
            last = find_last(conn, APRIL.key)
            assert last is not None and last["fingerprint"] == state, "else it stays stale for ever"
    with engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM publication_confirmed")).scalar_one() == 2


def test_a_lost_transaction_leaves_nothing_and_the_next_gives_the_number(engine: Engine, tmp_path: Path) -> None:
    publish_once(engine, town(received=PARTIAL), tmp_path)
    before = files(tmp_path)
    with engine.connect() as conn:
        publish(conn, draft(town()))
        conn.rollback()
    assert numbers(engine) == [1] and files(tmp_path) == before
    assert publish_once(engine, town(), tmp_path).number == 2 and numbers(engine) == [1, 2]


def test_killed_between_the_ledger_and_the_files_the_next_run_writes_the_very_same(
    engine: Engine, tmp_path: Path
) -> None:
    killed = publish_once(engine, town())
    assert not (tmp_path / APRIL.key).exists()
    publish_once(engine, town(), tmp_path)
    assert hashes(tmp_path) == hashes(tmp_path, "no1/") == dict(killed.files)


def test_files_that_are_gone_or_half_written_come_back(engine: Engine, tmp_path: Path) -> None:
    for dataset in (town(received=PARTIAL), town()):
        publish_once(engine, dataset, tmp_path)
    before = files(tmp_path)
    (tmp_path / APRIL.key / "town-2022-04.xlsx").write_bytes(b"PK")
    (tmp_path / APRIL.key / "no1" / "town-2022-04.xlsx").unlink()
    publish_once(engine, town(), tmp_path)
    assert files(tmp_path) == before
    shutil.rmtree(tmp_path / APRIL.key)
    with engine.begin() as conn:
        assert len(put_files(conn, APRIL.key, tmp_path)) == len(before)
        assert files(tmp_path) == before
        assert put_files(conn, APRIL.key, tmp_path) == []


def test_nothing_is_left_aside_where_writing_fails(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / APRIL.key / "town-2022-04.xlsx").mkdir(parents=True)
    with pytest.raises(OSError):
        publish_once(engine, town(), tmp_path)
    assert not [path for path in (tmp_path / APRIL.key).iterdir() if path.name.startswith(".")]


def test_two_publishers_take_turns(engine: Engine, conn: Connection) -> None:
    publish(conn, draft(town()))
    with engine.connect() as other:
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            publish(other, draft(town()))
    conn.commit()
    assert not publish_once(engine, town()).is_new


@pytest.mark.parametrize("table", ["publication", "publication_file", "publication_confirmed"])
@pytest.mark.parametrize("change", ["UPDATE {} SET number = 9", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nobody_changes_what_was_published(engine: Engine, table: str, change: str) -> None:
    publish_once(engine, town())
    publish_once(engine, replace(town(), fingerprint="another"))
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as conn:
        assert conn.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one()
        conn.execute(text(change.format(table)))


# ---------------------------------------------------------------------------------------------------------
# Upgrades

BEFORE = ("scope", "unit_code", "unit_name", "field", "source_system", *REFERENCE.form.measure_names)
COUNTED = ("units_expected", "units_in", "is_partial")


def store_as_before(engine: Engine, dataset: TownDataset, fields: tuple[str, ...] = ("all",)) -> None:
    """Enter a publication as the version of the program before this one did: without files, rules, adjustments."""
    frame = dataset.frame[dataset.frame["field"].isin(fields)][[*BEFORE, *COUNTED]]
    rows = json.loads(frame.astype(object).to_json(orient="values"))
    said = ("unit_code", "unit_name", "period_key", "expected", "status", "is_late")
    coverage = [{name: row[name] for name in said} for row in dataset.coverage.to_dict("records")]
    inputs = sorted(set(dataset.coverage["submission"].dropna()))
    with engine.begin() as conn:
        conn.execute(
            text("""INSERT INTO publication (
                period_key, number, period_start, period_end, published_at, fingerprint,
                content, coverage, inputs, files
            ) VALUES (
                :key, 1, :start, :end, '2022-04-20', 'old',
                CAST(:content AS jsonb), CAST(:coverage AS jsonb), CAST(:inputs AS jsonb), '{}'
            )"""),
            {
                "key": APRIL.key, "start": APRIL.start, "end": APRIL.end,
                "content": json.dumps({"columns": [*BEFORE, *COUNTED], "rows": rows}),
                "coverage": json.dumps(coverage), "inputs": json.dumps(inputs),
            },
        )  # fmt: skip


def test_what_an_earlier_version_published_is_no_restatement(engine: Engine, tmp_path: Path) -> None:
    """That version knew neither the fields nor the columns that there are today, and its files lie in the folder."""
    store_as_before(engine, town())
    (tmp_path / APRIL.key).mkdir()
    for name in ("town-2022-04.csv", "town-2022-04-no1.csv"):
        (tmp_path / APRIL.key / name).write_bytes(b"as it was")
    assert not publish_once(engine, town(), tmp_path).is_new
    assert set(files(tmp_path).values()) == {b"as it was"}
    with engine.connect() as conn:
        assert find_untold(conn) == []


def test_what_an_earlier_version_published_is_restated_where_it_differs(engine: Engine, tmp_path: Path) -> None:
    store_as_before(engine, town(received=PARTIAL))
    (tmp_path / APRIL.key).mkdir()
    (tmp_path / APRIL.key / "town-2022-04-no1.csv").write_bytes(b"as it was")
    second = publish_once(engine, town(), tmp_path)
    assert (second.number, second.is_new) == (2, True)
    assert files(tmp_path)["town-2022-04-no1.csv"] == b"as it was" and hashes(tmp_path, "no2/") == dict(second.files)
    changes = second.release.changes
    assert changes is not None and {figure.field for figure in changes.figures} == {"all"}
    first, *_ = changes.figures
    assert (first.scope, first.measure, first.before, first.after, first.by) == ("town", "received_total", 140, 200, 60)


# ---------------------------------------------------------------------------------------------------------
# With reports


def test_publishes_what_the_warehouse_holds_and_is_no_longer_stale(engine: Engine, tmp_path: Path) -> None:
    maker = Maker(REFERENCE)
    units = [unit for unit in REFERENCE.expected_units(APRIL) if unit.code != "09577"]
    counts = {name: count for name, count in figures(100, late=1).items() if count is not None}
    maker.load_month(engine, "2022-04", {unit.code: counts for unit in units})
    late = figures(7)
    for number, report in enumerate([maker.report("09577", "2022-04", [late], ODD), None], 1):
        with engine.begin() as conn:
            publication = publish(conn, draft(build_town(conn, REFERENCE, [APRIL])))
            message = compose_digest(publication)
            assert queue_mail(conn, message)
            put_files(conn, APRIL.key, tmp_path)
        assert publication.number == number
        with engine.begin() as conn:
            assert find_periods_stale(conn) == []
            again = publish(conn, draft(build_town(conn, REFERENCE, [APRIL])))
            assert not again.is_new and not queue_mail(conn, compose_digest(again))
        is_partial = report is not None
        assert ("chưa đầy đủ" in message.subject) is is_partial
        assert ("chỉ gồm những đơn vị đã có báo cáo" in message.text) is is_partial
        if report:
            maker.load(engine, "the last ward", report)
    table = (tmp_path / "2022-04" / "town-2022-04.csv").read_text("utf-8-sig")
    assert str(100 * len(units) + 7) in table
