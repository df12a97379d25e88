"""The figures of a town over units and months: whatever is reported, all sums hold to the last dossier."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.periods import Period
from etl.recast import find_groups_of
from etl.town import build_frame
from tests.unit.town_example import REFERENCE

FORM = REFERENCE.form
MEASURES = list(FORM.measure_names)
TODAY = date(2026, 11, 23)
FIRST = (2024, 11)
MONTHS = tuple(REFERENCE.town.calendar.months_of(REFERENCE.town.calendar.months(FIRST, (2025, 8))))
FLOWS = ["received_in_period", "resolved_total", "resolved_in_time", "resolved_overdue"]
PLACES = (("ho-tich", ""), ("ho-tich", "city"), ("dat-dai", ""))

Report = dict[tuple[str, str], tuple[int, int, int]]  # (field, source system) → opening, received, resolved
Reports = dict[tuple[int, int], Report]  # (unit, month) → its report


def row(opening: int, received: int, resolved: int) -> dict[str, float]:
    """Give the measures of an older edition's row; nothing online is known."""
    resolved = min(resolved, opening + received)
    counts = dict.fromkeys(MEASURES, np.nan)
    return counts | {
        "received_total": opening + received, "received_in_period": received, "carried_over": opening,
        "resolved_total": resolved, "resolved_in_time": resolved, "resolved_overdue": 0,
        "pending_total": opening + received - resolved,
    }  # fmt: skip


def expected_units(month: int) -> list[int]:
    valid = REFERENCE.expected_units(MONTHS[month])
    return [place for place, unit in enumerate(REFERENCE.units) if unit in valid]


def build(reports: Reports, first: int, last: int, units_of: date | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build the figures of some of the months from the reports that are in."""
    periods = MONTHS[first : last + 1]
    inside = {key: report for key, report in reports.items() if first <= key[1] <= last}
    rows = pd.DataFrame(
        [
            {"unit": unit, "month": month - first, "field": field, "source_system": system} | row(*counts)
            for (unit, month), report in inside.items()
            for (field, system), counts in report.items()
        ],
        columns=["unit", "month", "field", "source_system", *MEASURES],
    ).astype({"unit": "int64", "month": "int64", "field": "str", "source_system": "str"})
    groups = find_groups_of(REFERENCE, units_of) if units_of else None
    return build_frame(rows, coverage(inside, first, periods), REFERENCE, periods, groups=groups)


def coverage(reports: Reports, first: int, periods: tuple[Period, ...]) -> pd.DataFrame:
    lines: list[dict[str, Any]] = []
    for month, period in enumerate(periods):
        valid = expected_units(first + month)
        for place, unit in enumerate(REFERENCE.units):
            ends = unit.valid_to is not None and period.start <= unit.valid_to <= period.end
            is_closed = ends and unit.valid_to < periods[-1].end
            if place in valid or is_closed:
                status = "accepted" if (place, first + month) in reports and place in valid else "missing"
                lines.append({
                    "unit": place, "month": month, "unit_code": unit.code, "unit_name": unit.full_name,
                    "is_desk": not REFERENCE.is_ward(unit), "period_key": period.key, "expected": place in valid,
                    "status": status if place in valid else "closed", "is_late": False, "waived": 0,
                    "is_closed": is_closed,
                })  # fmt: skip
    return pd.DataFrame(lines)


@st.composite
def some_reports(draw: st.DrawFn, *, is_whole: bool = False) -> Reports:
    """Draw what some units report; the others say 0 of everything, or nothing at all."""
    silent = set() if is_whole else draw(st.sets(st.tuples(st.integers(0, 19), st.integers(0, 9)), max_size=6))
    loud = draw(st.dictionaries(
        st.tuples(st.integers(0, 19), st.integers(0, 9)),
        st.dictionaries(st.sampled_from(PLACES), st.tuples(*[st.integers(0, 9)] * 3), min_size=1),
        max_size=12,
    ))  # fmt: skip
    return {
        (unit, month): loud.get((unit, month), {("ho-tich", ""): (1, 2, 1)})
        for month in range(len(MONTHS))
        for unit in expected_units(month)
        if (unit, month) not in silent
    }


def line(frame: pd.DataFrame, scope: str, code: str = "", field: str = "all", system: str = "all") -> pd.Series:
    is_there = frame["scope"].eq(scope) & frame["unit_code"].eq(code) & frame["field"].eq(field)
    (found,) = frame.index[is_there & frame["source_system"].eq(system)]
    return frame.loc[found]


@settings(max_examples=40, deadline=None)
@given(reports=some_reports(), ends=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_opening_and_flows_and_adjustment_give_the_closing_stock(reports: Reports, ends: tuple[int, int]) -> None:
    frame, adjustments = build(reports, min(ends), max(ends))
    given_all = frame["carried_over"] + frame["received_in_period"] - frame["resolved_total"] + frame["adjustment"]
    both = given_all.notna() & frame["pending_total"].notna()
    assert (given_all[both] == frame.loc[both, "pending_total"]).all()
    assert (adjustments["amount"] != 0).all()
    for scope, is_desk in (("wards", [False]), ("desk", [True]), ("town", [False, True])):
        own = adjustments[adjustments["is_desk"].isin(is_desk)]
        for place in frame.loc[frame["scope"] == scope, ["field", "source_system"]].itertuples(index=False):
            total = line(frame, scope, field=place[0], system=place[1])["adjustment"]
            listed = own.loc[own["field"].eq(place[0]) & own["source_system"].eq(place[1]), "amount"].sum()
            assert pd.isna(total) or total == listed, (scope, place)


@settings(max_examples=20, deadline=None)
@given(reports=some_reports(is_whole=True), ends=st.lists(st.integers(0, 9), min_size=3, max_size=3, unique=True))
def test_a_range_is_its_two_halves_one_after_the_other(reports: Reports, ends: list[int]) -> None:
    first, middle, last = sorted(ends)
    (whole, _), (early, _), (late, _) = (
        build(reports, *part) for part in ((first, last), (first, middle), (middle + 1, last))
    )
    for scope in ("wards", "town"):
        a, b, c = line(whole, scope), line(early, scope), line(late, scope)
        for measure in FLOWS:
            assert a[measure] == b[measure] + c[measure]
        assert (a["carried_over"], a["pending_total"]) == (b["carried_over"], c["pending_total"])
        assert a["adjustment"] == b["adjustment"] + c["adjustment"] + c["carried_over"] - b["pending_total"]


@settings(max_examples=40, deadline=None)
@given(reports=some_reports(), ends=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_every_sum_is_that_of_its_parts(reports: Reports, ends: tuple[int, int]) -> None:
    first, last = min(ends), max(ends)
    frame, _ = build(reports, first, last)
    town = frame[frame["scope"] == "town"]
    systems = town[(town["field"] == "all") & (town["source_system"] != "all")]
    fields = town[(town["field"] != "all") & (town["source_system"] == "all")]
    for measure in (*FLOWS, "pending_total"):
        whole = line(frame, "town")[measure]
        parts = [line(frame, scope)[measure] for scope in ("wards", "desk") if (frame["scope"] == scope).any()]
        assert pd.isna(whole) or whole == sum(part for part in parts if not pd.isna(part))  # nobody of it is in
        assert pd.isna(whole) or fields.empty or whole == fields[measure].sum()
        assert pd.isna(whole) or systems.empty or whole == systems[measure].sum()
    if first == last:
        units = frame[(frame["scope"] == "ward") & (frame["field"] == "all") & (frame["source_system"] == "all")]
        assert line(frame, "town")["received_in_period"] == units["received_in_period"].sum()


@settings(max_examples=30, deadline=None)
@given(reports=some_reports(), ends=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_recast_figures_conserve_every_dossier(reports: Reports, ends: tuple[int, int]) -> None:
    first, last = min(ends), max(ends)
    as_were, adjusted = build(reports, first, last)
    recast, adjusted_too = build(reports, first, last, TODAY)
    sums = ["wards", "desk", "town"]
    same = [frame[frame["scope"].isin(sums)].reset_index(drop=True) for frame in (as_were, recast)]
    pd.testing.assert_frame_equal(*same)
    pd.testing.assert_frame_equal(adjusted, adjusted_too)
    groups = recast[recast["scope"].eq("group") & recast["field"].eq("all") & recast["source_system"].eq("all")]
    assert list(groups["unit_code"]) == list(dict.fromkeys(groups["unit_code"]))
    for measure in ("received_in_period", "resolved_total"):
        assert groups[measure].sum() == line(recast, "town")[measure]
    assert groups["units_expected"].sum() == line(recast, "town")["units_expected"]


def test_the_groups_of_today_are_the_smallest_that_can_be_compared() -> None:
    groups = {group.name: group for group in find_groups_of(REFERENCE, TODAY)}
    assert list(groups) == [
        "phường Sơn Tây + phường Tùng Thiện", "xã Đoài Phương", "Bộ phận một cửa thị xã Sơn Tây",
    ]  # fmt: skip
    names = {name: {REFERENCE.units[unit].name for unit in group.units} for name, group in groups.items()}
    assert names["xã Đoài Phương"] == {"Kim Sơn", "Sơn Đông", "Cổ Đông", "Đoài Phương"}
    assert [group.has_outside for group in groups.values()] == [False, True, False]
    assert sum(len(group.units) for group in groups.values()) == len(REFERENCE.units)


def test_before_the_split_whole_mergers_alone_are_followed() -> None:
    groups = find_groups_of(REFERENCE, date(2025, 3, 1))
    merged = [group for group in groups if len(group.units) > 1]
    assert [(group.code, group.name, group.has_outside) for group in merged] == [("09574", "phường Ngô Quyền", False)]
    assert {REFERENCE.units[unit].name for unit in merged[0].units} == {"Lê Lợi", "Ngô Quyền", "Quang Trung"}
    assert len(groups) == 14


def honest(months: Iterable[int], *, kept: int = 1) -> Reports:
    """Give coherent months: each unit receives 2, resolves what keeps `kept` open."""
    return {
        (unit, month): {("ho-tich", ""): (kept, 2, 2)} for month in months for unit in expected_units(month)
    }  # fmt: skip


def test_a_merger_that_hands_over_less_is_an_adjustment_of_its_group() -> None:
    first = MONTHS.index(REFERENCE.town.calendar.month(2024, 12))
    reports = honest((first, first + 1))  # three wards held 1 each; the new one opens with 1
    frame, adjustments = build(reports, first, first + 1)
    (one,) = adjustments[adjustments["source_system"].eq("all") & adjustments["field"].eq("all")].to_dict("records")
    assert (one["amount"], one["kind"], one["period_key"]) == (-2, "succession", "2025-01")
    assert one["unit_name"] == "Lê Lợi, Ngô Quyền, Quang Trung → Ngô Quyền" and one["unit_code"] == "09574"
    assert line(frame, "town")["adjustment"] == line(frame, "wards")["adjustment"] == -2
    ward = frame[(frame["scope"] == "ward") & (frame["field"] == "all")]
    assert ward["adjustment"].eq(0).all()
    closed = line(frame, "wards")
    assert (closed["units_expected"], closed["units_closed"]) == (16, 3)


def test_units_that_ended_within_a_month_are_counted_and_owe_nothing() -> None:
    at = MONTHS.index(REFERENCE.town.calendar.month(2025, 1))
    frame, _ = build(honest((at,)), at, at)
    wards = line(frame, "wards")
    assert (wards["units_expected"], wards["units_in"], wards["units_closed"]) == (13, 13, 3)
    assert "Lê Lợi" not in " ".join(frame["unit_name"])


def test_the_desk_leaves_with_its_stock() -> None:
    at = MONTHS.index(REFERENCE.town.calendar.month(2025, 6))
    frame, adjustments = build(honest((at, at + 1)), at, at + 1)
    desk = line(frame, "desk")
    assert (desk["carried_over"], desk["adjustment"], desk["pending_total"]) == (1, -1, 0)
    left = adjustments[adjustments["kind"].eq("left") & adjustments["field"].eq("all")]
    assert left[["unit_code", "amount", "is_desk"]].to_numpy().tolist() == [["269", -1, True]]


@pytest.mark.parametrize(("absent", "amount"), [((0,), 3), ((3,), -1), ((1,), 2), ((1, 2), 2)])
def test_a_month_without_a_report_moves_its_stocks_in_and_out(absent: tuple[int, ...], amount: int) -> None:
    ward, code = 1, REFERENCE.units[1].code
    reports = honest((0, *absent)) | honest((max(absent) + 1, 3), kept=3)
    reports = {key: report for key, report in (honest(range(4)) | reports).items() if key[0] != ward} | {
        key: report for key, report in reports.items() if key[0] == ward and key[1] not in absent
    }
    frame, adjustments = build(reports, 0, 3)
    own = adjustments[adjustments["unit_code"].eq(code) & adjustments["field"].eq("all")]
    told = [step for step in own[own["source_system"].eq("all")].to_dict("records") if step["kind"] == "absent"]
    assert [step["amount"] for step in told] == [amount]
    assert line(frame, "wards")["is_partial"] and line(frame, "ward", code)["is_partial"]
