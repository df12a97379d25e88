"""Estimates for missing reports: balances hold, bounds hold, what is exact is said to be, what is unknown too."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.estimates import (
    compose_past,
    error_of_town,
    leave_out,
    make_dataset,
    read_samples,
    share_inside,
)
from etl.estimate import ADJUSTMENT, estimate_missing
from etl.estimating.bounds import Bounds, share_out, usual
from etl.forms import OverTime
from etl.periods import Period
from etl.reference import Reference, read_reference

HERE = Path(__file__).parent
REFERENCE = read_reference(HERE.parents[1] / "reference" / "son-tay")
FOIA = read_reference(HERE / "foia")
FORM = REFERENCE.form
WARD, OTHER = "09577", "09592"
COUNTS = ("low", "estimate", "high")
Line = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def past() -> pd.DataFrame:
    return compose_past(read_samples(REFERENCE), REFERENCE)


def month(key: str) -> Period:
    return REFERENCE.town.calendar.month(int(key[:4]), int(key[5:]))


def without(past: pd.DataFrame, *missing: tuple[str, str], until: str = "9") -> pd.DataFrame:
    """Take reports out of what is known, and all after a month."""
    keys = zip(past["unit_code"], past["period_key"], strict=True)
    return past[[key not in missing and key[1] <= until for key in keys]]


def estimate(past: pd.DataFrame, *missing: tuple[str, str], months: tuple[str, ...], until: str = "9") -> pd.DataFrame:
    periods = [month(key) for key in months]
    known = without(past, *missing, until=until)
    return estimate_missing(make_dataset(known, REFERENCE, periods, missing), known, REFERENCE)


def lines(table: pd.DataFrame) -> dict[tuple[str, str], Line]:
    """Give each line's rows by scope and code, then by measure. *Missing*: None."""
    found: dict[tuple[str, str], Line] = {}
    for row in table.astype("object").where(table.notna(), None).to_dict("records"):
        found.setdefault((row["scope"], row["unit_code"]), {})[row["measure"]] = {str(k): v for k, v in row.items()}
    return found


def bounds(line: Line, measure: str) -> tuple[int | None, ...]:
    return tuple(line[measure][name] for name in COUNTS)


def estimates(line: Line) -> dict[str, int | None]:
    return {name: row["estimate"] for name, row in line.items()}


def report(past: pd.DataFrame, unit: str, key: str) -> dict[str, float]:
    (row,) = past[(past["unit_code"] == unit) & (past["period_key"] == key)].to_dict("records")
    return {name: row[name] for name in FORM.measure_names}


def assert_coherent(line: Line, reference: Reference = REFERENCE) -> None:
    """Hold the estimates against every balance; the stock's flow may leave an adjustment, which is shown."""
    said, flow = estimates(line), reference.form.stock_flow
    for name, row in line.items():
        if name != ADJUSTMENT and row["estimate"] is not None:
            assert 0 <= row["low"] <= row["estimate"] <= row["high"], row
    for balance in reference.form.balances:
        parts = [said[part] for part in balance.parts]
        total = said[balance.total]
        if total is not None and None not in parts:
            left = said.get(ADJUSTMENT, 0) if flow and balance.name == flow.balance else 0
            assert sum(part or 0 for part in parts) - total == left, balance.name
            if len({reference.form.measure(name).over_time for name in (balance.total, *balance.parts)}) == 1:
                assert sum(line[part]["low"] for part in balance.parts) <= line[balance.total]["low"]
                assert sum(line[part]["high"] for part in balance.parts) >= line[balance.total]["high"]


def test_where_all_are_in_nothing_is_estimated(past: pd.DataFrame) -> None:
    table = estimate(past, months=("2024-05",))
    assert table.empty and list(table.columns) == [
        "scope", "unit_code", "unit_name", "measure", "known", "low", "estimate", "high", "basis_vi", "basis_en",
    ]  # fmt: skip


def test_a_missing_ward_opens_with_what_it_held_and_receives_what_is_usual(past: pd.DataFrame) -> None:
    ward = lines(estimate(past, (WARD, "2024-05"), months=("2024-05",), until="2024-05"))["ward", WARD]
    held = report(past, WARD, "2024-04")["pending_total"]
    assert bounds(ward, "carried_over") == (held, held, held)
    assert ward["carried_over"]["basis_en"] == "equals what was pending at the end of April 2024"
    assert ward["carried_over"]["basis_vi"] == "bằng số đang giải quyết cuối tháng 4/2024"
    months = [f"2023-{m:02}" for m in range(5, 13)] + [f"2024-{m:02}" for m in range(1, 5)]
    received = sorted(report(past, WARD, key)["received_in_period"] for key in months)
    middle = int((received[5] + received[6]) / 2 + 0.5)
    assert bounds(ward, "received_in_period") == (received[0], middle, received[-1])
    assert "12" in ward["received_in_period"]["basis_vi"]
    assert all(row["known"] is None for row in ward.values())
    assert_coherent(ward)


def test_a_sum_is_what_is_in_and_the_estimate(past: pd.DataFrame) -> None:
    found = lines(estimate(past, (WARD, "2024-05"), months=("2024-05",)))
    assert list(found) == [("ward", WARD), ("wards", ""), ("town", "")]
    for scope in ("wards", "town"):
        line = found[scope, ""]
        for name, row in line.items():
            assert bounds(line, name) == tuple(row["known"] + part for part in bounds(found["ward", WARD], name))
        assert line["resolved_total"]["basis_vi"] == "số đã có cộng ước tính cho phường Phú Thịnh (tháng 5/2024)"
        assert_coherent(line)
    others = past[(past["period_key"] == "2024-05") & (past["unit_code"] != WARD)]
    assert found["town", ""]["received_total"]["known"] == others["received_total"].sum()


def test_the_dataset_stays_as_it_is(past: pd.DataFrame) -> None:
    known = without(past, (WARD, "2024-05"))
    dataset = make_dataset(known, REFERENCE, [month("2024-05")], {(WARD, "2024-05")})
    frame, kept = dataset.frame.copy(), known.copy()
    assert len(estimate_missing(dataset, known, REFERENCE))
    pd.testing.assert_frame_equal(dataset.frame, frame)
    pd.testing.assert_frame_equal(known, kept)


def test_a_month_between_two_reports_has_both_stocks_exactly(past: pd.DataFrame) -> None:
    ward = lines(estimate(past, (WARD, "2024-05"), months=("2024-05",)))["ward", WARD]
    truth = report(past, WARD, "2024-05")
    for stock in ("carried_over", "pending_total"):
        assert bounds(ward, stock) == (truth[stock],) * 3
    assert ward["pending_total"]["basis_en"] == "equals what was carried over into June 2024"
    moved = ward["resolved_total"]["estimate"] - ward["received_in_period"]["estimate"]
    assert moved == truth["carried_over"] - truth["pending_total"]
    assert_coherent(ward)


def test_a_ward_made_of_whole_wards_continues_their_sum(past: pd.DataFrame) -> None:
    ward = lines(estimate(past, ("09574", "2025-01"), months=("2025-01",), until="2025-01"))["ward", "09574"]
    merged = [report(past, code, "2024-12") for code in ("09574", "09580", "09583")]
    assert bounds(ward, "carried_over") == (sum(r["pending_total"] for r in merged),) * 3
    assert None not in estimates(ward).values()
    assert_coherent(ward)


def test_a_ward_made_of_parts_has_no_past_and_that_is_said(past: pd.DataFrame) -> None:
    found = lines(estimate(past, ("09574", "2025-07"), months=("2025-07",), until="2025-07"))
    ward, town = found["ward", "09574"], found["town", ""]
    for line in (ward, town):
        assert {bounds(line, name) for name in line} == {(None, None, None)}
        assert {row["basis_vi"] for row in line.values()} == {"chưa có báo cáo nào của các kỳ trước để ước tính"}
    assert all(row["known"] > 0 for name, row in town.items() if name == "received_total")


def test_without_any_past_nothing_is_estimated(past: pd.DataFrame) -> None:
    dataset = make_dataset(without(past, (WARD, "2024-05")), REFERENCE, [month("2024-05")], {(WARD, "2024-05")})
    ward = lines(estimate_missing(dataset, past.iloc[:0], REFERENCE))["ward", WARD]
    assert set(estimates(ward).values()) == {None}


def test_what_earlier_reports_never_said_stays_unknown(past: pd.DataFrame) -> None:
    silent = past.assign(received_online=past["received_online"].mask(past["unit_code"] == WARD))
    ward = lines(estimate(silent, (WARD, "2024-05"), months=("2024-05",)))["ward", WARD]
    unknown = {name for name, count in estimates(ward).items() if count is None}
    assert unknown == {"received_online", "received_direct"}
    assert ward["received_online"]["basis_en"] == "earlier reports do not say this"


def test_what_a_reporting_unit_does_not_say_makes_the_sum_unknown(past: pd.DataFrame) -> None:
    silent = past.assign(received_online=past["received_online"].mask(past["unit_code"] == OTHER))
    town = lines(estimate(silent, (WARD, "2024-05"), months=("2024-05",)))["town", ""]
    assert town["received_online"]["known"] is town["received_online"]["estimate"] is None
    assert town["received_online"]["basis_en"] == "a unit that has reported does not say this"
    assert town["received_total"]["estimate"] > town["received_total"]["known"]


def test_several_months_add_up_and_the_stocks_are_those_at_both_ends(past: pd.DataFrame) -> None:
    months = ("2024-03", "2024-04", "2024-05")
    gone = [(WARD, "2024-04"), (WARD, "2024-05")]
    ward = lines(estimate(past, *gone, months=months, until="2024-05"))["ward", WARD]
    first = report(past, WARD, "2024-03")
    assert ward["received_in_period"]["known"] == first["received_in_period"]
    assert bounds(ward, "carried_over") == (first["carried_over"],) * 3
    assert ward["carried_over"]["basis_en"] == "every report that this needs is in"
    assert ward["pending_total"]["known"] is None
    (one,) = {count for key in months[1:] for count in [alone(past, key)]}
    assert ward["received_in_period"]["estimate"] == first["received_in_period"] + 2 * one
    assert_coherent(ward)


def alone(past: pd.DataFrame, key: str) -> int:
    """Estimate what the ward received in a month, both months missing."""
    gone = [(WARD, "2024-04"), (WARD, "2024-05")]
    ward = lines(estimate(past, *gone, months=(key,), until="2024-05"))["ward", WARD]
    return int(ward["received_in_period"]["estimate"])


def test_months_that_are_missing_one_after_the_other_hand_their_stock_on(past: pd.DataFrame) -> None:
    gone = [(WARD, "2024-04"), (WARD, "2024-05")]
    both = lines(estimate(past, *gone, months=("2024-04", "2024-05"), until="2024-05"))["ward", WARD]
    held = report(past, WARD, "2024-03")["pending_total"]
    assert bounds(both, "carried_over") == (held,) * 3
    assert ADJUSTMENT not in both
    assert_coherent(both)


codes = st.sampled_from([unit.code for unit in REFERENCE.expected_units(month("2024-05"))])
runs = st.integers(0, 40).flatmap(lambda first: st.integers(1, 4).map(lambda count: (first, count)))


@settings(max_examples=40)
@given(runs, st.sets(st.tuples(codes, st.integers(0, 3)), min_size=1, max_size=8), st.booleans())
def test_whatever_is_missing_estimates_lie_within_bounds_and_balance(
    past: pd.DataFrame, run: tuple[int, int], holes: set[tuple[str, int]], is_last: bool
) -> None:
    """Through both reforms, with and without anything known after; sums are what is in and what each unit adds."""
    calendar = REFERENCE.town.calendar
    every = calendar.months_of(calendar.months((2023, 1), (2026, 10)))
    periods = every[run[0] : run[0] + run[1]]
    missing = {(code, periods[at % len(periods)].key) for code, at in holes}
    until = periods[-1].key if is_last else "9"
    found = lines(estimate(past, *missing, months=tuple(p.key for p in periods), until=until))
    for line in found.values():
        assert_coherent(line)
        assert len(periods) > 1 or ADJUSTMENT not in line
    assert_nothing_lost(found, past, missing, periods)


def assert_nothing_lost(
    found: dict[tuple[str, str], Line],
    past: pd.DataFrame,
    missing: Collection[tuple[str, str]],
    periods: tuple[Period, ...],
) -> None:
    """Hold the town's flows against those of the units: of the ones that are whole as reported, else as estimated."""
    if ("town", "") not in found:
        return
    for name in (m.name for m in FORM.measures if m.over_time is OverTime.FLOW):
        units = [line[name] for (scope, _), line in found.items() if scope == "ward"]
        inside = past[past["period_key"].isin([p.key for p in periods])]
        keys = zip(inside["unit_code"], inside["period_key"], strict=True)
        known = inside.loc[[key not in missing for key in keys], name].sum()
        town = found["town", ""][name]["estimate"]
        if any(unit["estimate"] is None for unit in units):
            assert town is None
        else:
            assert town == known + sum(unit["estimate"] - (unit["known"] or 0) for unit in units)


def foia_reports(rows: list[tuple[int, int, int, int]]) -> pd.DataFrame:
    """Give a unit's years: the year, pending at the start, received, processed."""
    calendar = FOIA.town.calendar
    return pd.DataFrame([
        {
            "unit_code": "DOJ", "unit_name": "Department of Justice", "period_key": str(year),
            "start": calendar.year(year).start, "end": calendar.year(year).end, "available": float(start + received),
            "pending_start": float(start), "received": float(received), "processed": float(processed),
            "pending_end": float(start + received - processed),
        }
        for year, start, received, processed in rows
    ])  # fmt: skip


def test_another_form_is_estimated_by_its_own_balances() -> None:
    known = foia_reports([(2018, 10, 50, 40), (2019, 20, 70, 60), (2020, 30, 60, 80)])
    periods = (FOIA.town.calendar.year(2021),)
    missing = {("DOJ", "2021"), ("EPA", "2021")}
    found = lines(estimate_missing(make_dataset(known, FOIA, periods, missing), known, FOIA))
    line = found["ward", "DOJ"]
    assert estimates(line) == {
        "available": 70, "pending_start": 10, "received": 60, "processed": 60, "pending_end": 10,
    }  # fmt: skip
    assert bounds(line, "pending_end") == (0, 10, 40)
    assert_coherent(line, FOIA)
    assert {*estimates(found["ward", "EPA"]).values(), *estimates(found["town", ""]).values()} == {None}


def test_no_more_is_resolved_than_was_at_hand() -> None:
    known = foia_reports([(2018, 100, 50, 90), (2019, 60, 10, 70), (2020, 0, 10, 10)])
    periods = (FOIA.town.calendar.year(2021),)
    line = lines(estimate_missing(make_dataset(known, FOIA, periods, {("DOJ", "2021")}), known, FOIA))["ward", "DOJ"]
    assert bounds(line, "processed") == (10, 10, 50)
    assert bounds(line, "pending_end") == (0, 0, 40)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=6))
def test_shares_add_up_and_follow_their_weights(total: int, weights: list[int]) -> None:
    shares = share_out(total, weights)
    assert sum(shares) == total and min(shares) >= 0
    if sum(weights):
        assert all(abs(share - total * w / sum(weights)) < 1 for share, w in zip(shares, weights, strict=True))


def test_a_median_between_two_numbers_is_rounded_half_up() -> None:
    assert usual([3, 1, 2, 4]) == Bounds(1, 3, 4)
    assert usual([]) is None


def test_the_truth_lies_mostly_within_the_bounds_and_nearer_than_the_month_before(past: pd.DataFrame) -> None:
    trials = [trial for trial in leave_out(past, REFERENCE, every=9) if trial.measure == "received_in_period"]
    assert len(trials) > 50
    assert share_inside(trials) > 75  # of thirteen equal chances one is beyond each end: 85 %
    assert error_of_town(trials, "estimate") < error_of_town(trials, "repeat the month before")
