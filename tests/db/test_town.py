"""The town's dataset: sums over wards and periods, and what is not in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from etl.db import store_reference
from etl.reference import Reference
from etl.town import build_town
from etl.town_dataset import TownDataset
from etl.warehouse.stocks import find_neighbours
from tests.db.made import ODD, WRONG, Maker, whole

DESK = "269"
MONTHS = ("2022-01", "2022-02", "2022-03", "2022-04")


def build(engine: Engine, maker: Maker, *periods: str, as_of: datetime | None = None) -> TownDataset:
    with engine.connect() as conn:
        return build_town(conn, maker.reference, [maker.period(period) for period in periods], as_of)


def line(town: TownDataset, scope: str, field: str = "all", **where: str) -> pd.Series:
    """Give the one row of a scope and field, over all source systems unless one is named."""
    frame = town.frame[(town.frame["scope"] == scope) & (town.frame["field"] == field)]
    for column, value in ({"source_system": "all"} | where).items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, frame
    return frame.iloc[0]


def everybody(maker: Maker, period: str) -> list[str]:
    return [unit.code for unit in maker.reference.expected_units(maker.period(period))]


def load_all(engine: Engine, maker: Maker, period: str, row: dict[str, int]) -> None:
    maker.load_month(engine, period, dict.fromkeys(everybody(maker, period), row))


def test_adds_wards_and_the_desk_apart_and_together(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8, opening=3, late=1))
    town = build(engine, maker, "2022-04")
    for scope, units in (("wards", 15), ("desk", 1), ("town", 16)):
        row = line(town, scope)
        assert (row["received_total"], row["resolved_in_time"], row["pending_total"]) == (
            13 * units,
            7 * units,
            5 * units,
        )
        assert (row["units_expected"], row["units_in"], row["is_partial"]) == (units, units, False)
        assert line(town, scope, "ho-tich")["resolved_overdue"] == units
    assert pd.isna(line(town, "town")["received_online"])
    assert town.period.key == "2022-04" and not town.restated and town.fingerprint
    assert set(town.coverage["status"]) == {"accepted"} and len(town.coverage) == 16
    assert str(town.frame["received_total"].dtype) == "Int64"
    assert list(town.frame["scope"].drop_duplicates()) == ["ward", "wards", "desk", "town"]


def test_a_missing_ward_makes_every_sum_partial_and_is_named(engine: Engine, maker: Maker) -> None:
    for code in everybody(maker, "2022-04"):
        findings = {"09577": [WRONG], "09589": [ODD, ODD]}.get(code, [])
        if code != "09592":
            maker.load(engine, code, maker.report(code, "2022-04", [whole(10, 8)], *findings))
    town = build(engine, maker, "2022-04")
    row = line(town, "wards")
    assert (row["received_total"], row["units_expected"], row["units_in"], row["is_partial"]) == (130, 15, 13, True)
    assert line(town, "town", "ho-tich")["is_partial"] and not line(town, "desk")["is_partial"]
    ward = line(town, "ward", unit_code="09592")
    assert pd.isna(ward["received_total"]) and ward["is_partial"] and ward["units_in"] == 0
    coverage = town.coverage.set_index("unit_code")
    assert coverage.loc[["09577", "09592", "09589"], "status"].tolist() == [
        "rejected",
        "missing",
        "accepted with warnings",
    ]
    assert coverage.loc[["09577", "09592", "09589"], "findings"].tolist() == [
        "B.resolved × 1",
        "",
        "C.roll-forward × 2",
    ]


def test_nothing_at_all_is_partial_and_not_zero(engine: Engine, maker: Maker) -> None:
    for periods in (["2022-04"], MONTHS):
        town = build(engine, maker, *periods)
        assert len(town.frame) == 16 + 3 and town.frame["is_partial"].all()
        assert town.frame[list(maker.reference.form.measure_names)].isna().all(axis=None)
        assert set(town.coverage["status"]) == {"missing"}
        assert town.fingerprint == "" or len(periods) > 1


def test_a_measure_that_one_ward_does_not_report_is_missing_from_the_sum(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8))
    bare = {"received_total": 10, "resolved_total": 8}
    maker.load(engine, "bare", maker.report("09577", "2022-04", [bare]), hours=1)
    row = line(build(engine, maker, "2022-04"), "wards")
    assert row["received_total"] == 150 and pd.isna(row["resolved_in_time"]) and not row["is_partial"]
    assert row["pending_total"] == 30  # received − resolved leaves only one value


def test_completes_each_ward_by_the_balances_before_it_adds(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8, late=1))
    detail = {"received_online": 4, "received_direct": 6, "carried_over": 0}
    detail |= {
        "resolved_early": 3,
        "resolved_on_time": 4,
        "resolved_overdue": 1,
        "pending_in_time": 2,
        "pending_overdue": 0,
    }
    maker.load(engine, "new edition", maker.report("09577", "2022-04", [detail]), hours=1)
    row = line(build(engine, maker, "2022-04"), "wards")
    assert (row["received_total"], row["resolved_in_time"], row["pending_total"]) == (150, 105, 30)


def test_a_field_without_a_row_counts_nothing_unless_the_report_has_no_fields(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8))
    two = [whole(5, 5), whole(4, 4) | {"field": "dat-dai"}, whole(1, 1) | {"field": None, "field_name": "Tín ngưỡng"}]
    maker.load(engine, "two", maker.report("09577", "2022-04", two), hours=1)
    town = build(engine, maker, "2022-04")
    assert line(town, "wards", "ho-tich")["received_total"] == 145
    assert line(town, "wards", "dat-dai")["received_total"] == 4
    assert line(town, "wards", "unlisted")["received_total"] == 1
    assert line(town, "wards")["received_total"] == 150
    maker.load(engine, "undivided", maker.report("09589", "2022-04", [whole(10, 8) | {"field": "all"}]), hours=1)
    town = build(engine, maker, "2022-04")
    assert pd.isna(line(town, "wards", "dat-dai")["received_total"])
    assert line(town, "wards")["received_total"] == 150


def test_source_systems_stay_apart_for_a_ward_and_are_added_for_the_town(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8))
    rows = [whole(6, 6) | {"source_system": "ministries"}, whole(2, 1) | {"source_system": "city"}]
    maker.load(engine, "two systems", maker.report("09577", "2022-04", rows), hours=1)
    town = build(engine, maker, "2022-04")
    assert line(town, "ward", "ho-tich", unit_code="09577", source_system="city")["received_total"] == 2
    assert line(town, "ward", unit_code="09577")["received_total"] == 8
    assert line(town, "wards", "ho-tich")["received_total"] == 148


def test_over_months_flows_add_and_stocks_come_from_the_ends(engine: Engine, maker: Maker) -> None:
    opening = 5
    for month in MONTHS:
        load_all(engine, maker, month, whole(10, 8, opening=opening, late=1))
        opening += 2
    town = build(engine, maker, *reversed(MONTHS))
    assert town.period.key == "2022-01/2022-04" and [p.key for p in town.periods] == list(MONTHS)
    for row, units in (
        (line(town, "town"), 16),
        (line(town, "town", "ho-tich"), 16),
        (line(town, "ward", unit_code=DESK), 1),
    ):
        assert row["carried_over"] == 5 * units and row["pending_total"] == 13 * units
        assert row["received_in_period"] == 40 * units and row["resolved_overdue"] == 4 * units
        assert row["received_total"] == 45 * units == row["resolved_total"] + row["pending_total"]
        assert not row["is_partial"]
    assert len(town.coverage) == 64


def test_a_break_in_the_chain_changes_no_figure(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-01", whole(10, 8))
    load_all(engine, maker, "2022-02", whole(10, 8, opening=7))
    row = line(build(engine, maker, "2022-01", "2022-02"), "town")
    assert (row["received_total"], row["resolved_total"], row["pending_total"]) == (20 * 16, 16 * 16, 9 * 16)
    with engine.connect() as conn:
        breaks = conn.execute(text("SELECT previous_pending_total, carried_over, gap FROM chain_break")).all()
    assert [tuple(found) for found in breaks] == [(2, 7, 5)] * 16


def test_a_month_missing_in_a_range_is_flagged_and_its_stock_not_made_up(engine: Engine, maker: Maker) -> None:
    for month in MONTHS[:2]:
        for code in everybody(maker, month):
            if (code, month) != ("09577", "2022-01"):
                maker.load(engine, f"{code} {month}", maker.report(code, month, [whole(10, 8, opening=2)]))
    town = build(engine, maker, *MONTHS[:2])
    ward = line(town, "ward", unit_code="09577")
    assert ward["is_partial"] and ward["received_in_period"] == 10
    assert pd.isna(ward["carried_over"]) and pd.isna(ward["received_total"])
    row = line(town, "wards")
    assert (row["is_partial"], row["units_expected"], row["units_in"], row["carried_over"]) == (True, 15, 14, 28)


def test_expects_the_wards_of_each_time(engine: Engine, maker: Maker) -> None:
    for period, wards, desks in (("2024-12", 15, 1), ("2025-01", 13, 1), ("2025-06", 13, 1), ("2025-07", 3, 0)):
        load_all(engine, maker, period, whole(10, 8))
        town = build(engine, maker, period)
        assert line(town, "wards")["units_expected"] == wards and not town.frame["is_partial"].any()
        assert (town.frame["scope"] == "desk").any() == bool(desks)
        assert line(town, "town")["received_total"] == 10 * (wards + desks)
        with engine.connect() as conn:
            known = conn.execute(
                text("SELECT units_expected, units_in FROM reporting_rate WHERE period_key = :k"), {"k": period}
            )
            assert tuple(known.one()) == (wards + desks, wards + desks)


def test_a_range_over_a_merger_opens_with_the_old_wards_and_closes_with_the_new(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2024-12", whole(10, 8, opening=1))
    load_all(engine, maker, "2025-01", whole(10, 8, opening=3))
    town = build(engine, maker, "2024-12", "2025-01")
    row = line(town, "wards")
    assert (row["carried_over"], row["received_in_period"], row["pending_total"]) == (15, 280, 13 * 5)
    assert (row["units_expected"], row["units_in"], row["is_partial"]) == (16, 16, False)
    old, new = (line(town, "ward", unit_code="09574", unit_name=f"phường {name}") for name in ("Lê Lợi", "Ngô Quyền"))
    assert (old["pending_total"], new["carried_over"], old["is_partial"], new["is_partial"]) == (3, 3, False, False)


def test_is_as_it_was_known_at_a_moment(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8))
    with engine.connect() as conn:
        moment = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    then = build(engine, maker, "2022-04")
    maker.load(engine, "corrected", maker.report("09577", "2022-04", [whole(20, 8)]), hours=1)
    now, again = build(engine, maker, "2022-04"), build(engine, maker, "2022-04", as_of=moment)
    assert line(now, "town")["received_total"] == 170
    pd.testing.assert_frame_equal(again.frame, then.frame)
    assert again.fingerprint == then.fingerprint != now.fingerprint
    never = build(engine, maker, "2022-04", as_of=datetime(2020, 1, 1, tzinfo=UTC))
    assert set(never.coverage["status"]) == {"missing"}


def test_knows_that_it_was_published_otherwise(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8))
    published = build(engine, maker, "2022-04")
    row = {"key": "2022-04", "fingerprint": published.fingerprint}
    with engine.begin() as conn:
        conn.execute(
            text("""
                INSERT INTO publication (
                    period_key, number, fingerprint, content, coverage, inputs, files, period_start, period_end
                )
                VALUES (:key, 1, :fingerprint, '{}', '{}', '{}', '{}', CURRENT_DATE, CURRENT_DATE)
            """),
            row,
        )
    assert not build(engine, maker, "2022-04").restated
    maker.load(engine, "the same, later", maker.report("09577", "2022-04", [whole(10, 8)]), hours=1)
    assert not build(engine, maker, "2022-04").restated
    maker.load(engine, "corrected", maker.report("09577", "2022-04", [whole(20, 8)]), hours=2)
    assert build(engine, maker, "2022-04").restated


def test_refuses_periods_with_a_gap(engine: Engine, maker: Maker) -> None:
    with pytest.raises(ValueError, match="follow each other"):
        build(engine, maker, "2022-01", "2022-03")


def test_lateness_is_that_of_the_report_that_counts(engine: Engine, reference: Reference) -> None:
    maker = Maker(replace(reference, town=replace(reference.town, in_use_since=None)))
    due = maker.reference.town.due_at(maker.period("2022-04"))
    assert due
    hours = (due - maker.submission("x").received_at) / timedelta(hours=1)
    maker.load(engine, "in time", maker.report("09577", "2022-04", [whole(10, 8)]), hours=int(hours) - 1)
    maker.load(engine, "late", maker.report("09589", "2022-04", [whole(10, 8)]), hours=int(hours) + 1)
    coverage = build(engine, maker, "2022-04").coverage.set_index("unit_code")
    assert coverage.loc[["09577", "09589"], "is_late"].tolist() == [False, True]


def test_nobody_is_late_for_history(engine: Engine, maker: Maker) -> None:
    maker.load(engine, "a", maker.report("09577", "2022-04", [whole(10, 8)]))
    assert build(engine, maker, "2022-04").coverage["is_late"].isna().all()


# ---------------------------------------------------------------------------------------------------------
# Views and the dataset say the same

IN_ONE_DATABASE = [HealthCheck.function_scoped_fixture]
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]  # a database is slow to shrink on
counts = st.integers(0, 50)
wards = st.dictionaries(
    st.sampled_from(["09577", "09589", "09592", DESK]),
    st.lists(
        st.tuples(
            st.sampled_from(["ho-tich", "dat-dai", None]),
            st.sampled_from(["", "city"]),
            st.builds(whole, counts, st.just(0), counts),
            st.sets(st.sampled_from(["received_total", "received_in_period", "carried_over", "pending_total"])),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda row: row[:2],
    ),
    min_size=1,
)


@settings(max_examples=25, deadline=None, suppress_health_check=IN_ONE_DATABASE, phases=UNSHRUNK)
@given(reported=wards)
def test_the_view_of_a_month_says_what_the_dataset_says(engine: Engine, maker: Maker, reported: dict[str, Any]) -> None:
    with engine.begin() as conn:
        hours = conn.execute(text("SELECT count(*) FROM submission")).scalar_one()
    for unit in ("09577", "09589", "09592", DESK):
        rows = [
            {name: count for name, count in row.items() if name not in left_out}
            | {"field": field, "source_system": system}
            for field, system, row, left_out in reported.get(unit, [])
        ]
        report = maker.report(unit, "2022-04", rows or [{"field": "all"} | whole(0, 0)])
        maker.load(engine, f"{hours} {unit}", report, hours=hours)
    town = build(engine, maker, "2022-04")
    measures = list(maker.reference.form.measure_names)
    with engine.connect() as conn:
        seen = pd.read_sql(text("SELECT * FROM town_period WHERE period_key = '2022-04'"), conn).set_index("scope")
    for scope in ("wards", "desk", "town"):
        built, viewed = line(town, scope), seen.loc[scope]
        assert [built["units_in"], built["is_partial"]] == [viewed["units_in"], viewed["is_partial"]]
        for measure in measures:  # the dataset completes its sums once more, so it may know what the view leaves empty
            assert pd.isna(viewed[measure]) or viewed[measure] == built[measure], measure


@settings(max_examples=15, deadline=None, suppress_health_check=IN_ONE_DATABASE, phases=UNSHRUNK)
@given(reported=st.lists(wards, min_size=2, max_size=3), names=st.just(MONTHS))
def test_the_function_of_a_range_says_what_the_dataset_says(
    engine: Engine, maker: Maker, reported: list[dict[str, Any]], names: tuple[str, ...]
) -> None:
    with engine.begin() as conn:
        hours = conn.execute(text("SELECT count(*) FROM submission")).scalar_one()
        store_reference(conn, maker.reference, map(maker.period, names))
    months = names[: len(reported)]
    for month, of_month in zip(months, reported, strict=True):
        for unit, lines in of_month.items():
            rows = [row | {"field": field, "source_system": system} for field, system, row, _ in lines]
            maker.load(engine, f"{hours} {unit} {month}", maker.report(unit, month, rows), hours=hours)
    town = build(engine, maker, *months)
    with engine.connect() as conn:
        ends = {"first": months[0], "last": months[-1]}
        seen = pd.read_sql(text("SELECT * FROM town_range(:first, :last)"), conn, params=ends).set_index("scope")
    for scope in ("wards", "desk", "town"):
        built, viewed = line(town, scope), seen.loc[scope]
        for column in ("units_expected", "units_in", "is_partial"):
            assert built[column] == viewed[column]
        for measure in maker.reference.form.measure_names:
            assert pd.isna(viewed[measure]) or viewed[measure] == built[measure], measure


def test_the_function_of_a_range_knows_when_a_month_is_not_there(engine: Engine, maker: Maker) -> None:
    for month in ("2022-01", "2022-03"):
        load_all(engine, maker, month, whole(10, 8))
    maker.load(engine, "quarter", maker.report("09577", "2022-Q1", [whole(99, 0)]))
    with engine.connect() as conn:
        columns = "scope, months, is_partial, received_in_period"
        rows = conn.execute(text(f"SELECT {columns} FROM town_range('2022-01', '2022-03')"))
        assert sorted(map(tuple, rows)) == [("desk", 2, True, 20), ("town", 2, True, 320), ("wards", 2, True, 300)]


# ---------------------------------------------------------------------------------------------------------
# Neighbours


def neighbours(engine: Engine, maker: Maker, *keys: tuple[str, str]) -> list[tuple[Any, ...]]:
    with engine.connect() as conn:
        found = find_neighbours(conn, [(code, maker.period(key)) for code, key in keys], maker.reference.form)
    assert list(found.columns) == ["unit", "period", "source_system", "field", "pending_total"]
    return [tuple(row) for row in found.itertuples(index=False)]


def test_finds_the_closing_stocks_of_the_period_before(engine: Engine, maker: Maker) -> None:
    rows = [
        whole(10, 8),
        whole(4, 1) | {"source_system": "city"},
        whole(1, 0) | {"field": None, "field_name": "Tín ngưỡng"},
    ]
    maker.load(engine, "march", maker.report("09577", "2022-03", rows))
    maker.load(engine, "quarter", maker.report("09577", "2022-Q1", [whole(99, 0)]))
    maker.load(engine, "rejected", maker.report("09589", "2022-03", [whole(10, 8)], WRONG))
    assert neighbours(engine, maker, ("09577", "2022-04"), ("09577", "2022-05"), ("09589", "2022-04")) == [
        ("09577", "2022-04", "", "Tín ngưỡng", 1),
        ("09577", "2022-04", "", "ho-tich", 2),
        ("09577", "2022-04", "city", "ho-tich", 3),
    ]
    assert neighbours(engine, maker) == []


def test_a_ward_made_of_whole_wards_opens_with_their_sum(engine: Engine, maker: Maker) -> None:
    for number, code in enumerate(["09574", "09580", "09583"]):
        assert neighbours(engine, maker, ("09574", "2025-01")) == []
        maker.load(engine, code, maker.report(code, "2024-12", [whole(10, number)]))
    assert neighbours(engine, maker, ("09574", "2025-01")) == [("09574", "2025-01", "", "ho-tich", 27)]


def test_a_ward_made_of_parts_cannot_be_compared(engine: Engine, maker: Maker) -> None:
    load_all(engine, maker, "2025-06", whole(10, 8))
    assert neighbours(engine, maker, ("09574", "2025-07"), ("09604", "2025-07")) == []
