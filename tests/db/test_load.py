"""Loading: twice is once, order makes no difference, nothing is changed, a kill leaves before or after."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product
from typing import Any, NoReturn

import psycopg
import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from etl.db import migrate
from etl.errors import LoadError, SubmissionError
from etl.load import find_periods_stale, load
from etl.model import Finding
from etl.reference import Reference
from etl.standing import Stand, Standing
from etl.warehouse.readings import build_reading
from etl.warehouse.submissions import find_submissions, find_unprocessed, record_submission
from tests.db.made import DAWN, ODD, WRONG, Maker, whole

FACTS = ("submission", "reading", "report", "report_row", "finding")


def count_facts(engine: Engine) -> dict[str, int]:
    with engine.connect() as conn:
        return {table: conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in (*FACTS, "period")}


def read_current(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as conn:
        found = conn.execute(
            text("SELECT unit_code, period_key, verdict, resolved_total, received_at FROM ward_period")
        )
        return sorted(tuple(row) for row in found)


def test_records_a_submission_once(conn: Connection, maker: Maker) -> None:
    first = maker.submission("a.xlsx")
    assert record_submission(conn, first)
    assert not record_submission(conn, replace(first, name="b.xlsx", received_at=DAWN + timedelta(days=1)))
    assert find_unprocessed(conn) == [first]


def test_loads_reports_with_rows_and_findings(engine: Engine, maker: Maker) -> None:
    rows = [
        whole(10, 8, opening=3),
        {"received_total": 13, "kind": "total"},
        whole(2, 1) | {"field": None, "field_name": "Lạ"},
    ]
    loaded = maker.load(engine, "a", maker.report("09577", "2022-04", rows, ODD))
    assert loaded.is_new and loaded.stands == {("09577", "2022-04"): Standing(Stand.COUNTS)}
    with engine.connect() as conn:
        assert find_unprocessed(conn) == []
        (submission,) = find_submissions(conn, ["2022-04"])
        assert submission == maker.submission("a")
        found = conn.execute(
            text("SELECT row_no, field, field_name, pending_total, statements FROM report_row ORDER BY 1")
        ).all()
        (finding,) = conn.execute(text("SELECT rule, severity, suggestion, report_no FROM finding"))
    assert [tuple(row) for row in found] == [
        (1, "ho-tich", "Hộ tịch", 5, {"received_total": "dash"}),
        (3, None, "Lạ", 1, {}),
    ]
    assert tuple(finding)[:3] == ("C.roll-forward", "warning", {"measure": "carried_over", "value": 3})
    assert finding.report_no is not None


def test_keeps_what_follows_from_balances_apart_from_what_was_reported(engine: Engine, maker: Maker) -> None:
    counts = {"received_online": 4, "received_direct": 6, "carried_over": 1, "resolved_total": 11}
    maker.load(engine, "a", maker.report("09577", "2022-04", [counts]))
    with engine.connect() as conn:
        raw = conn.execute(text("SELECT received_in_period, determined FROM report_row")).one()
        seen = conn.execute(text("SELECT received_in_period, pending_total, resolved_early FROM ward_period")).one()
    assert raw.received_in_period is None and raw.determined["received_in_period"] == 10
    assert tuple(seen) == (10, 0, None)


def test_twice_is_once(engine: Engine, maker: Maker) -> None:
    report = maker.report("09577", "2022-04", [whole(10, 8)], ODD)
    assert maker.load(engine, "a", report).is_new
    before = count_facts(engine)
    again = maker.load(engine, "a", report)
    assert not again.is_new and again.stands == {}
    reworded = replace(report, findings=(replace(ODD, message_vi="nói cách khác"),))
    assert not maker.load(engine, "a", reworded).is_new
    assert count_facts(engine) == before


def test_order_of_loading_makes_no_difference(engine: Engine, maker: Maker) -> None:
    arrivals = [("first", 8, (), 0), ("corrected", 9, (ODD,), 2), ("wrong", 7, (WRONG,), 3), ("same moment", 5, (), 2)]
    units = [unit.code for unit in maker.reference.expected_units(maker.period("2022-04"))]
    expected = []
    for (unit, period), order in zip(product(units, ("2022-03", "2022-04")), permutations(arrivals), strict=False):
        for name, resolved, findings, hours in order:
            report = maker.report(unit, period, [whole(10, resolved)], *findings)
            maker.load(engine, f"{name} {unit} {period}", report, hours=hours)
        first = min(  # of two that arrive at once, none can be told to be the newer: the second one waits
            (9, "corrected"), (5, "same moment"), key=lambda n: maker.submission(f"{n[1]} {unit} {period}").sha256
        )
        expected.append((unit, period, first[0]))
    assert len(expected) == 24
    assert [(unit, period, resolved) for unit, period, _, resolved, _ in read_current(engine)] == sorted(expected)


def test_a_rejected_report_never_supersedes_an_accepted_one(engine: Engine, maker: Maker) -> None:
    maker.load(engine, "good", maker.report("09577", "2022-04", [whole(10, 8)]))
    maker.load(engine, "bad", maker.report("09577", "2022-04", [whole(10, 7)], WRONG), hours=1)
    ((unit, _, verdict, resolved, _),) = read_current(engine)
    assert (unit, verdict, resolved) == ("09577", "accepted", 8)
    assert count_facts(engine) == {
        "submission": 2,
        "reading": 2,
        "report": 2,
        "report_row": 1,
        "finding": 1,
        "period": 1,
    }


def test_a_second_reading_of_a_file_takes_the_place_of_the_first(engine: Engine, maker: Maker) -> None:
    maker.load(engine, "older", maker.report("09577", "2022-04", [whole(10, 6)]))
    maker.load(engine, "file", maker.report("09577", "2022-04", [whole(10, 8)]), hours=1)
    with engine.connect() as conn:
        moment = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    rejected = maker.load(engine, "file", maker.report("09577", "2022-04", [whole(10, 8)], WRONG), hours=1)
    assert rejected.is_new and rejected.stands == {("09577", "2022-04"): Standing(Stand.REFUSED)}
    assert [row[3] for row in read_current(engine)] == [6]
    moved = maker.load(engine, "file", maker.report("09577", "2022-03", [whole(10, 8)]), hours=1)
    assert moved.stands == {
        ("09577", "2022-03"): Standing(Stand.COUNTS),
        ("09577", "2022-04"): Standing(Stand.REFUSED),
    }
    assert [(row[1], row[3]) for row in read_current(engine)] == [("2022-03", 8), ("2022-04", 6)]
    with engine.connect() as conn:
        known = conn.execute(
            text("SELECT resolved_total FROM ward_period_known_at(:moment)"), {"moment": moment}
        ).scalars()
        assert list(known) == [8]


def test_an_unreadable_file_leaves_its_reason(engine: Engine, maker: Maker) -> None:
    failure = SubmissionError("S.unreadable", "không đọc được", "cannot be read")
    for is_new in (True, False):
        with engine.begin() as conn:
            assert (
                load(
                    conn,
                    maker.submission("broken"),
                    build_reading(failure, maker.reference.form),
                    reference=maker.reference,
                ).is_new
                is is_new
            )
    with engine.connect() as conn:
        assert tuple(conn.execute(text("SELECT code, rule, message_en, report_no FROM finding")).one()) == (
            "S", "S.unreadable", "cannot be read", None,
        )  # fmt: skip
        assert conn.execute(text("SELECT outcome FROM submission_log")).scalar_one() == "unreadable"
        assert find_unprocessed(conn) == [] == find_periods_stale(conn)


@pytest.mark.parametrize(("unit", "period"), [(None, "2022-04"), ("09577", None), ("09577", "2025-07")])
def test_a_report_without_a_known_unit_or_period_leaves_findings_only(
    engine: Engine, maker: Maker, unit: str | None, period: str | None
) -> None:
    loaded = maker.load(engine, "lost", maker.report(unit, period, [whole(1, 1)], WRONG))
    assert loaded.is_new and loaded.stands == {}
    facts = count_facts(engine)
    assert (facts["reading"], facts["report"], facts["finding"]) == (1, 0, 1)


def test_says_which_submission_the_warehouse_refuses(engine: Engine, maker: Maker) -> None:
    with pytest.raises(LoadError, match=r"\(a\): the warehouse refused .*report_row_resolved_total_check"):
        maker.load(engine, "a", maker.report("09577", "2022-04", [{"resolved_total": -1}]))
    assert set(count_facts(engine).values()) == {0}


def test_a_period_is_stale_until_its_state_is_published(engine: Engine, maker: Maker) -> None:
    def publish() -> None:
        with engine.begin() as conn:
            conn.execute(
                text("""
                INSERT INTO publication (
                    period_key, number, fingerprint, content, coverage, inputs, files, period_start, period_end
                )
                SELECT
                    period_key, COALESCE(published_number, 0) + 1, fingerprint, '[]', '[]', '[]', '[]',
                    CURRENT_DATE, CURRENT_DATE
                FROM period_state WHERE is_stale
            """)
            )

    def stale() -> list[str]:
        with engine.connect() as conn:
            return find_periods_stale(conn)

    maker.load(engine, "bad", maker.report("09577", "2022-04", [whole(10, 7)], WRONG))
    assert stale() == ["2022-04"]
    publish()
    assert stale() == []
    maker.load(engine, "good", maker.report("09577", "2022-04", [whole(10, 8)]), hours=1)
    maker.load(engine, "march", maker.report("09577", "2022-03", [whole(10, 8)]))
    assert stale() == ["2022-03", "2022-04"]
    publish()
    maker.load(engine, "good, again", maker.report("09577", "2022-04", [whole(10, 8)]), hours=2)
    maker.load(engine, "bad, later", maker.report("09577", "2022-04", [whole(10, 7)], WRONG), hours=3)
    assert stale() == []


@pytest.mark.parametrize("table", [*FACTS, "correction", "publication"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_facts_are_append_only_whoever_asks(conn: Connection, table: str, change: str) -> None:
    column = conn.execute(
        text("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:t) AND attnum = 2"), {"t": table}
    )
    with pytest.raises(DBAPIError, match="is append-only"):
        conn.execute(text(change.format(table, column.scalar_one())))


def test_reader_reads_views_and_nothing_else(engine: Engine, maker: Maker) -> None:
    maker.load(engine, "a", maker.report("09577", "2022-04", [whole(10, 8)]))
    with engine.connect() as conn:
        views = list(conn.execute(text("SELECT viewname FROM pg_views WHERE schemaname = 'public'")).scalars())
        tables = list(conn.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
        conn.commit()
        conn.execute(text("SET ROLE reader"))
        assert {"ward_period", "town_period", "coverage", "chain_break", "reporting_rate"} <= set(views)
        for view in set(views) - {"submission_log"}:
            conn.execute(text(f"SELECT * FROM {view}"))
        assert conn.execute(text("SELECT count(*) FROM ward_period_known_at('infinity')")).scalar_one() == 1
        conn.commit()
        for table in set(tables) - {"migration"}:
            with pytest.raises(DBAPIError, match="permission denied"):
                conn.execute(text(f"SELECT * FROM {table}"))
            conn.rollback()


def test_loader_can_load_and_can_change_no_fact(engine: Engine, maker: Maker) -> None:
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL ROLE loader"))
        load(
            conn,
            maker.submission("a"),
            build_reading([maker.report("09577", "2022-04", [whole(10, 8)], ODD)], maker.reference.form),
            reference=maker.reference,
        )
        assert find_periods_stale(conn) == ["2022-04"]
    with engine.connect() as conn:
        conn.execute(text("SET ROLE loader"))
        with pytest.raises(DBAPIError, match="permission denied"):
            conn.execute(text("UPDATE report_row SET resolved_total = 0"))


# ---------------------------------------------------------------------------------------------------------
# Interruptions


def interrupting(engine: Engine, before: int, interrupt: Callable[[], None]) -> Engine:
    """Give an engine that interrupts before its n-th statement, or its commit, counted from the first."""
    left = iter([None] * before)

    def step() -> None:
        if next(left, left) is left:
            interrupt()

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, *args: Any, **named: Any) -> Any:
            step()
            return super().execute(*args, **named)

        def copy(self, *args: Any, **named: Any) -> Any:
            step()
            return super().copy(*args, **named)

    class Interrupted(psycopg.Connection[Any]):
        def commit(self) -> None:
            step()
            super().commit()

    def connect() -> Any:
        url = engine.url
        return Interrupted.connect(
            host=str(url.query["host"]), user=url.username, dbname=url.database, cursor_factory=Cursor
        )

    return create_engine("postgresql+psycopg://", creator=connect)


class InterruptionError(Exception):
    """Stands for any failure between two statements."""


def load_in_two(maker: Maker, engine: Engine) -> None:
    """Load a submission of two reports with findings: every statement there is."""
    reports = [maker.report(unit, "2022-04", [whole(10, 8)] * 3, ODD) for unit in ("09577", "09589")]
    maker.load(engine, "two", *reports)


def interrupt_each(engine: Engine, attempt: Callable[[int], bool]) -> int:
    """Interrupt before each statement in turn until the load goes through; look at what is left each time."""
    nothing = count_facts(engine)
    for before in range(60):
        if attempt(before):
            return before
        assert count_facts(engine) == nothing, before
    raise AssertionError("never went through")


def test_a_failure_between_any_two_statements_leaves_nothing(engine: Engine, maker: Maker) -> None:
    def stop() -> None:
        raise InterruptionError

    def attempt(before: int) -> bool:
        armed = interrupting(engine, before, stop)
        try:
            load_in_two(maker, armed)
        except InterruptionError:
            return False
        finally:
            armed.dispose()
        return True

    assert interrupt_each(engine, attempt) > 8
    assert count_facts(engine) == {
        "submission": 1,
        "reading": 1,
        "report": 2,
        "report_row": 6,
        "finding": 2,
        "period": 1,
    }


def test_a_kill_between_any_two_statements_leaves_nothing(engine: Engine, maker: Maker) -> None:
    def attempt(before: int) -> bool:
        child = os.fork()
        if child == 0:
            be_killed(maker, engine, before)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL

    engine.dispose()
    assert interrupt_each(engine, attempt) > 8
    assert count_facts(engine)["report_row"] == 6


def be_killed(maker: Maker, engine: Engine, before: int) -> NoReturn:
    """Load, and be killed on the way: what the child process of the test above does."""
    try:
        load_in_two(maker, interrupting(engine, before, lambda: os.kill(os.getpid(), signal.SIGKILL)))
    finally:
        os._exit(0)


def test_loads_at_the_same_time_without_deadlock(engine: Engine, maker: Maker) -> None:
    units = ["09577", "09589", "09592", "09595"]

    def one(n: int) -> None:
        order = units if n % 2 else units[::-1]
        maker.load(engine, f"file {n % 6}", *(maker.report(u, "2022-04", [whole(n % 6, 0)]) for u in order))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(24)))
    assert count_facts(engine) == {
        "submission": 6,
        "reading": 6,
        "report": 24,
        "report_row": 24,
        "finding": 0,
        "period": 1,
    }
    assert len(read_current(engine)) == 4


def test_reports_what_a_unit_unknown_to_the_warehouse_needs(empty: Engine, maker: Maker) -> None:
    migrate(empty)
    with pytest.raises(LoadError, match="store_reference"):
        maker.load(empty, "a", maker.report("09577", "2022-04", [whole(1, 1)]))


def test_findings_are_kept_whole(engine: Engine, maker: Maker, reference: Reference) -> None:
    told = Finding(
        "V", "V.blank", WRONG.severity, "vi", "en", "u", "p", "f", "m", "s", "c", "x", "y", {"either": [1, 2]}
    )
    maker.load(engine, "a", maker.report("09577", "2022-04", [], told))
    with engine.connect() as conn:
        row = conn.execute(text("SELECT * FROM finding")).mappings().one()
    assert {name: row[name] for name in told.as_dict()} == told.as_dict()
