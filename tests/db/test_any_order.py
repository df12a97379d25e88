"""Whatever the order in which reports arrive, are corrected and are loaded again, the town's dataset is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from etl.load import load
from etl.town import build_town
from etl.town_dataset import TownDataset
from etl.warehouse.readings import build_reading
from tests.db.made import WRONG, Maker, whole

MONTHS = ("2022-01", "2022-02", "2022-03")
UNITS = ("09577", "09589", "269")
Version = tuple[str, str, int, int, bool]  # unit, month, received, opening, is_wrong; a later one is the newer report

versions = st.lists(
    st.tuples(st.sampled_from(UNITS), st.sampled_from(MONTHS), st.integers(0, 9), st.integers(0, 3), st.booleans()),
    min_size=2,
    max_size=9,
)


def send(engine: Engine, maker: Maker, version: Version, *, name: str, made: int, arrived: int) -> None:
    """Load a version that was made and arrived so many hours after dawn."""
    unit, month, received, opening, is_wrong = version
    findings = (WRONG,) if is_wrong else ()
    row = whole(received, 0, opening=opening) | {"field": ("ho-tich", "dat-dai")[received % 2]}
    submission = maker.submission(name, hours=made)
    arrival = submission.received_at + timedelta(hours=arrived - made)
    reading = build_reading((maker.report(unit, month, [row], *findings),), maker.reference.form)
    with engine.begin() as conn:
        load(conn, replace(submission, received_at=arrival), reading, reference=maker.reference)


def build(engine: Engine, maker: Maker, as_of: datetime | None = None) -> TownDataset:
    with engine.connect() as conn:
        return build_town(conn, maker.reference, [maker.period(month) for month in MONTHS], as_of)


def now(engine: Engine) -> datetime:
    with engine.connect() as conn:
        moment: datetime = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment


def assert_same(one: TownDataset, other: TownDataset) -> None:
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.adjustments, other.adjustments)
    same = ["unit_code", "period_key", "expected", "is_closed"]
    pd.testing.assert_frame_equal(one.coverage[same], other.coverage[same])
    counting = [
        town.coverage.loc[town.coverage["status"].str.startswith("accepted"), "submission"] for town in (one, other)
    ]
    assert counting[0].tolist() == counting[1].tolist()


IN_ONE_DATABASE: list[Any] = [HealthCheck.function_scoped_fixture]
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]  # a database is slow to shrink on


@settings(max_examples=12, deadline=None, suppress_health_check=IN_ONE_DATABASE, phases=UNSHRUNK)
@given(made=versions, chance=st.randoms(use_true_random=False))
def test_the_order_of_arrival_correction_and_loading_makes_no_difference(
    engine: Engine, maker: Maker, made: list[Version], chance: Any
) -> None:
    with engine.begin() as conn:
        run = conn.execute(text("SELECT count(*) FROM submission")).scalar_one()
    first = run * 1_000  # what an earlier example has left is older than all of this one
    named = [(version, f"{run} {number}", first + number) for number, version in enumerate(made)]
    # Every unit and month says something of its own in this run, so that both runs start from the same.
    start = [((unit, month, 0, 0, False), f"{run} {unit} {month}", first - 1) for unit in UNITS for month in MONTHS]
    for version, name, hours in [*start, *named]:
        send(engine, maker, version, name=name, made=hours, arrived=hours)
    in_order, moment = build(engine, maker), now(engine)
    shuffled = [(version, f"again {name}", hours + 500) for version, name, hours in named]
    chance.shuffle(shuffled)
    for arrived, (version, name, hours) in enumerate(shuffled):
        send(engine, maker, version, name=name, made=hours, arrived=first + 900 + arrived)
    chance.shuffle(shuffled)
    for version, name, hours in shuffled:  # and loaded again, in yet another order
        send(engine, maker, version, name=name, made=hours, arrived=first + 900)
    after = build(engine, maker)
    figures = [town.frame.drop(columns="units_late") for town in (in_order, after)]
    pd.testing.assert_frame_equal(*figures)
    pd.testing.assert_frame_equal(in_order.adjustments, after.adjustments)
    assert_same(build(engine, maker, moment), in_order)


@settings(max_examples=8, deadline=None, suppress_health_check=IN_ONE_DATABASE, phases=UNSHRUNK)
@given(made=versions)
def test_what_was_known_at_a_moment_never_changes_afterwards(engine: Engine, maker: Maker, made: list[Version]) -> None:
    with engine.begin() as conn:
        run = conn.execute(text("SELECT count(*) FROM submission")).scalar_one()
    known = []
    for number, version in enumerate(made):
        hours = run * 1_000 + number
        send(engine, maker, version, name=f"{run} {number}", made=hours, arrived=hours)
        known.append((now(engine), build(engine, maker)))
    for moment, then in known:
        again = build(engine, maker, moment)
        assert_same(again, then)
        assert again.fingerprint == then.fingerprint
