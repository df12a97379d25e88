"""The town's suite: each rule has a dataset that just keeps it and one that just breaks it; sound ones pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.check_town import check_town, find_holding, find_missing
from etl.errors import LoadError
from etl.model import Severity, Unit
from etl.periods import Period, parse_period
from etl.recast import find_groups_of
from etl.reference import Reference, read_reference
from etl.rules import OWN_FAULTS, TOWN_RULES
from etl.settings import CHECKOUT
from etl.town import build_frame
from etl.town_dataset import TownDataset
from etl.town_tables import lay_adjustments, lay_coverage, lay_lines, lay_months
from expectations.custom import ExpectTownRuleToHold
from expectations.town_algebra import algebra_of
from expectations.town_dataset import JUDGED, Table, build_town_suite
from expectations.town_rules import COMPARABLE, FACTOR, FEWEST_DOSSIERS, FEWEST_MONTHS
from expectations.validate import validate
from expectations.ward_report import check_severities
from tests.unit.town_example import REFERENCE as SON_TAY

UNITS = (
    Unit("1", "Một", "phường"), Unit("2", "Hai", "phường"), Unit("3", "Ba", "xã"), Unit("9", "Bàn", "town desk"),
)  # fmt: skip
REFERENCE = replace(SON_TAY, units=UNITS, successions=())
FORM = REFERENCE.form
MEASURES = list(FORM.measure_names)
MONTHS = tuple(REFERENCE.town.calendar.month(2022, month) for month in (1, 2, 3, 4))
ALL = "all"

Row = Mapping[str, Any]


def row(opening: int, received: int, resolved: int, *, late: int = 0) -> dict[str, Any]:
    """Give a row whose balances hold."""
    resolved = min(resolved, opening + received)
    late = min(late, resolved)
    pending = opening + received - resolved
    return {
        "received_total": opening + received, "received_in_period": received, "received_online": received // 2,
        "received_direct": received - received // 2, "carried_over": opening, "resolved_total": resolved,
        "resolved_in_time": resolved - late, "resolved_early": 0, "resolved_on_time": resolved - late,
        "resolved_overdue": late, "pending_total": pending, "pending_in_time": pending, "pending_overdue": 0,
    }  # fmt: skip


def build(
    rows: Iterable[Row], *, months: int = 1, absent: Mapping[tuple[int, int], str] | None = None,
    reference: Reference = REFERENCE, periods: tuple[Period, ...] = MONTHS, is_recast: bool = False,
) -> TownDataset:  # fmt: skip
    """Build a dataset by the program itself. A row: unit and month (positions), field, source_system, measures."""
    spans, absent = periods[:months], absent or {}
    measures = list(reference.form.measure_names)
    empty: dict[str, Any] = dict.fromkeys(measures) | {"field": "ho-tich", "source_system": ""}
    kept = [empty | dict(one) for one in rows if (one["unit"], one["month"]) not in absent]
    table = pd.DataFrame(kept, columns=["unit", "month", "field", "source_system", *measures])
    table = table.astype(dict.fromkeys(measures, "float64") | {"unit": "int64", "month": "int64"})
    coverage = pd.DataFrame([
        {
            "unit": at, "month": month, "unit_code": unit.code, "unit_name": unit.full_name, "unit_kind": unit.kind,
            "is_desk": not reference.is_ward(unit), "period_key": period.key, "expected": True,
            "status": absent.get((at, month), "accepted"), "received_at": None, "is_late": False, "submission": None,
            "findings": "", "waived": 0, "corrected": 0, "newer": None, "is_closed": False,
        }
        for at, unit in enumerate(reference.units) for month, period in enumerate(spans)
    ])  # fmt: skip
    day = spans[-1].end if is_recast else None
    groups = find_groups_of(reference, day) if day else None
    frame, adjustments = build_frame(table, coverage, reference, spans, groups=groups)
    period = spans[0] if months == 1 else reference.town.calendar.days(spans[0].start, spans[-1].end)
    return TownDataset(period, spans, frame, coverage, "state", False, adjustments=adjustments, units_of=day)


def plain(month: int = 0, received: int = 10) -> list[dict[str, Any]]:
    """Give one row of each unit; the last ward has two fields and two source systems."""
    rows = [{"unit": at, "month": month} | row(3, received + at, 8, late=1) for at in range(4)]
    system = {"unit": 2, "month": month, "field": "dat-dai", "source_system": "city"}
    return [*rows, system | row(1, 6, 5, late=2)]


def broken(dataset: TownDataset, reference: Reference = REFERENCE) -> set[str]:
    """Name the rules of the dataset's own tables that it breaks."""
    tables = {
        Table.LINES: lay_lines(dataset, reference),
        Table.COVERAGE: lay_coverage(dataset, reference),
        Table.ADJUSTMENTS: lay_adjustments(dataset),
    }
    is_range = len(dataset.periods) > 1
    suites = {name: build_town_suite(reference.form, {}, table=name, is_range=is_range) for name in tables}
    return {rule for name, table in tables.items() for rule in validate(table, suites[name])}


def changed(dataset: TownDataset, measure: str, by: int, **where: Any) -> TownDataset:
    """Change one measure of one line."""
    frame = dataset.frame.copy()
    place: dict[str, Any] = {"scope": "town", "field": ALL, "source_system": ALL} | where
    chosen = pd.Series(True, index=frame.index)
    for name, value in place.items():
        chosen &= frame[name].eq(value)
    assert chosen.sum() == 1, place
    frame.loc[chosen, measure] += by
    return replace(dataset, frame=frame)


# ---------------------------------------------------------------------------------------------------------
# Sound datasets


@st.composite
def reports(draw: st.DrawFn) -> tuple[list[Row], dict[tuple[int, int], str]]:
    """Make reports of all kinds: divided or not, by source system or not, breaking the chain, silent on measures."""
    rows: list[Row] = []
    absent = {}
    for unit in range(len(UNITS)):
        for month in range(3):
            state = draw(st.sampled_from(["in", "in", "in", "missing", "rejected"]))
            if state != "in":
                absent[unit, month] = state
            places = draw(st.sampled_from([
                [(ALL, "")], [("ho-tich", "")], [("ho-tich", ""), ("dat-dai", "")],
                [("ho-tich", "city"), ("ho-tich", "ministries"), ("dat-dai", "")], [(ALL, "city"), (ALL, "")],
            ]))  # fmt: skip
            hidden = draw(st.sampled_from([[], ["received_online", "received_direct"], ["carried_over"], MEASURES[1:]]))
            for field, system in places:
                counts = row(*(draw(st.integers(0, 40)) for _ in range(3)), late=draw(st.integers(0, 3)))
                counts |= dict.fromkeys(hidden)
                rows.append({"unit": unit, "month": month, "field": field, "source_system": system} | counts)
    return rows, absent


@settings(max_examples=15, deadline=None)
@given(reports(), st.integers(1, 3), st.booleans())
def test_whatever_is_reported_the_dataset_passes(
    made: tuple[list[Row], dict[tuple[int, int], str]], months: int, is_recast: bool
) -> None:
    rows, absent = made
    shown = [one for one in rows if one["month"] < months]
    inside = {key: why for key, why in absent.items() if key[1] < months}
    assert check_town(build(shown, months=months, absent=inside, is_recast=is_recast), REFERENCE) == ()


@settings(max_examples=15, deadline=None)
@given(reports(), st.data())
def test_no_figure_of_a_whole_month_can_be_changed_unnoticed(
    made: tuple[list[Row], dict[tuple[int, int], str]], data: st.DataObject
) -> None:
    dataset = build(
        [dict(one) | {"field": "ho-tich"} for one in made[0] if not one["month"] and one["field"] != "dat-dai"]
    )
    frame = dataset.frame[MEASURES]
    known = [(at, name) for name in MEASURES for at in frame.index[frame[name].notna()]]
    at, measure = data.draw(st.sampled_from(known))
    other = dataset.frame.copy()
    other.loc[at, measure] += data.draw(st.integers(1, 1000))
    assert {"T.town", "T.whole"} & broken(replace(dataset, frame=other))


def test_a_unit_that_did_not_report_is_no_fault() -> None:
    for months in (1, 2):
        rows = [*plain(0), *plain(1)][: 5 * months]
        assert broken(build(rows, months=months, absent={(0, 0): "missing", (2, months - 1): "rejected"})) == set()
    assert broken(build([], absent={(at, 0): "missing" for at in range(4)})) == set()


def test_another_form_is_judged_by_its_own_algebra() -> None:
    foia = read_reference(CHECKOUT / "tests" / "unit" / "foia")
    years = tuple(foia.town.calendar.year(year) for year in (2019, 2020))
    counts: dict[str, Any] = {
        "available": 150,
        "pending_start": 100,
        "received": 50,
        "processed": 120,
        "pending_end": 30,
    }
    rows = [{"unit": at, "month": year, "field": ALL} | counts for at in (0, 1) for year in (0, 1)]
    dataset = build(rows, months=2, reference=foia, periods=years)
    assert broken(dataset, foia) == set()
    assert dataset.adjustments["amount"].tolist() == [70, 70], "each opens 2020 with 100 after closing 2019 with 30"
    assert broken(changed(dataset, "adjustment", 1), foia) == {"C.adjustment"}
    assert broken(changed(dataset, "processed", 1), foia) == {"C.adjustment", "T.town"}
    algebra = algebra_of(foia.form)
    assert ("available", "processed", True) in algebra.pairs and ("available", "received", False) in algebra.pairs


# ---------------------------------------------------------------------------------------------------------
# What only the program can break


def without(dataset: TownDataset, **where: Any) -> TownDataset:
    frame = dataset.frame
    for name, value in where.items():
        frame = frame[frame[name] != value]
    return replace(dataset, frame=frame)


def doubled(dataset: TownDataset) -> TownDataset:
    return replace(dataset, frame=pd.concat([dataset.frame, dataset.frame[:1]], ignore_index=True))


def doubled_unit(dataset: TownDataset) -> TownDataset:
    return replace(dataset, coverage=pd.concat([dataset.coverage, dataset.coverage[:1]], ignore_index=True))


def unlisted(dataset: TownDataset) -> TownDataset:
    return replace(dataset, adjustments=dataset.adjustments[1:])


def invented(dataset: TownDataset) -> TownDataset:
    row_of = dataset.adjustments[:1].assign(field="dat-dai", source_system="ministries")
    return replace(dataset, adjustments=pd.concat([dataset.adjustments, row_of], ignore_index=True))


def nothing_reported(unit: int) -> list[dict[str, Any]]:
    return [{"unit": unit, "month": 0} | row(0, 0, 0)]


FAULTS: dict[str, tuple[str, Callable[[TownDataset], TownDataset]]] = {
    "a line twice": ("S.town-line", doubled),
    "a unit twice in the coverage": ("S.town-line", doubled_unit),
    "a unit not in the coverage": ("S.town-unit", lambda d: replace(d, coverage=d.coverage[d.coverage["unit"] != 3])),
    "a unit without its line": ("S.town-unit", lambda d: without(d, unit_code="9")),
    "a unit counted in that is not": ("S.town-unit", lambda d: changed(d, "units_in", 1)),
    "a rejected unit that nobody counts": ("S.town-unit", lambda d: changed(d, "units_rejected", 1)),
    "the town's figure": ("T.town", lambda d: changed(d, "pending_overdue", 1)),
    "the wards' figure": ("T.town", lambda d: changed(d, "pending_overdue", 1, scope="wards", field="dat-dai")),
    "a source system": ("T.town", lambda d: changed(d, "received_online", 1, scope="wards", source_system="city")),
    "an adjustment": ("C.adjustment", lambda d: changed(d, "adjustment", 1)),
    "an adjustment of a ward": ("C.adjustment", lambda d: changed(d, "adjustment", 1, scope="ward", unit_code="1")),
    "an adjustment not listed": ("C.adjustment", unlisted),
    "an adjustment of no line": ("C.adjustment", invented),
}


@pytest.fixture(scope="module")
def sound() -> TownDataset:
    """Give two months with breaks in the chain; the desk had nothing to do."""
    rows = [one for month in (0, 1) for one in plain(month) if one["unit"] != 3]
    rows += [*nothing_reported(3), nothing_reported(3)[0] | {"month": 1}]
    dataset = build(rows, months=2)
    assert broken(dataset) == set() and len(dataset.adjustments) > 1
    return dataset


@pytest.mark.parametrize(("rule", "change"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_the_program_breaks_just_its_rule(
    rule: str, change: Callable[[TownDataset], TownDataset], sound: TownDataset
) -> None:
    assert broken(change(sound)) == {rule}


@pytest.mark.parametrize("rule", OWN_FAULTS)
def test_a_fault_of_the_program_stops_publication_whatever_the_town_says(rule: str, sound: TownDataset) -> None:
    change = next(change for broken_rule, change in FAULTS.values() if broken_rule == rule)
    light = replace(REFERENCE, town=replace(REFERENCE.town, severities={rule: Severity.WARNING}))
    with pytest.raises(LoadError, match=rule):
        check_town(change(sound), light)


def test_every_rule_of_the_programs_own_faults_has_a_case() -> None:
    assert {rule for rule, _ in FAULTS.values()} == set(OWN_FAULTS)


def test_a_town_whose_sums_are_gone_does_not_pass() -> None:
    assert broken(without(build(plain()), scope="town")) == {"S.town-unit"}


def test_a_sum_that_lost_a_known_figure_does_not_pass() -> None:
    dataset = build(plain())
    frame = dataset.frame.copy()
    frame.loc[frame["scope"].eq("town") & frame["field"].eq(ALL), "received_online"] = pd.NA
    assert broken(replace(dataset, frame=frame)) == {"T.town"}


# ---------------------------------------------------------------------------------------------------------
# What came in


def test_a_whole_that_is_not_the_sum_of_its_fields_is_the_units_own_word() -> None:
    for whole, rules in ((20, set()), (21, {"T.whole"})):
        rows = [{"unit": 0, "month": 0, "field": ALL} | row(0, whole, 20), {"unit": 0, "month": 0} | row(0, 20, 20)]
        dataset = build(rows, absent={(at, 0): "missing" for at in (1, 2, 3)})
        assert broken(dataset) == rules
    (finding, *_) = check_town(dataset, REFERENCE)
    assert finding.message_en.startswith("Phường Một: received in the period is 21, but its parts give 20.")
    assert (finding.unit, finding.found, finding.expected, finding.severity) == ("1", "21", "20", Severity.WARNING)


@pytest.mark.parametrize(
    ("counts", "total"),
    [
        ({"resolved_total": 5, "resolved_overdue": 5}, ""),
        ({"resolved_total": 5, "resolved_overdue": 6}, "resolved, total 5"),
        ({"resolved_total": 5, "resolved_early": 6}, "resolved, total 5"),
        ({"resolved_total": 6, "resolved_in_time": 5, "resolved_early": 6}, "resolved in time 5"),
        ({"received_total": 5, "resolved_total": 6}, "received, total 5"),
        ({"received_total": 5, "resolved_total": 5}, ""),
    ],
)  # fmt: skip
def test_a_part_is_not_more_than_its_total(counts: dict[str, int], total: str) -> None:
    dataset = build([{"unit": 0, "month": 0} | counts], absent={(at, 0): "missing" for at in (1, 2, 3)})
    assert broken(dataset) == ({"T.part"} if total else set())
    said = [finding.message_en for finding in check_town(dataset, REFERENCE)]
    assert len(said) == bool(total) and all(f"which is more than {total}." in message for message in said)


def test_over_months_what_was_resolved_may_exceed_what_there_was_by_the_adjustment() -> None:
    rows = [{"unit": 0, "month": 0} | row(0, 5, 1), {"unit": 0, "month": 1} | row(30, 5, 35)]
    dataset = build(rows, months=2, absent={(at, month): "missing" for at in (1, 2, 3) for month in (0, 1)})
    whole = dataset.frame.iloc[-1]
    assert whole["resolved_total"] == 36 > whole["received_total"] == 10
    assert broken(dataset) == set()


def month_table(*figures: tuple[int, int], expected: int = 4) -> pd.DataFrame:
    """Make the months before May 2022: received, units in; the rest is empty."""
    calendar = REFERENCE.town.calendar
    months = calendar.months_of(calendar.months((2021, 1), (2022, 4)))[-len(figures) :]
    return pd.DataFrame([
        dict.fromkeys(MEASURES) | {"received_in_period": received, "scope": "town", "period_key": month.key}
        | {"units_expected": expected, "units_in": units, "is_partial": units < expected}
        for month, (received, units) in zip(months, figures, strict=True)
    ]).astype(dict.fromkeys(MEASURES, "Int64"))  # fmt: skip


def of_may(received: int, absent: Iterable[int] = ()) -> TownDataset:
    may = (REFERENCE.town.calendar.month(2022, 5),)
    rows = [{"unit": 0, "month": 0} | row(0, received, received)]
    rows += [nothing_reported(unit)[0] for unit in (1, 2, 3)]
    return build(rows, periods=may, absent=dict.fromkeys(((unit, 0) for unit in absent), "missing"))


@pytest.mark.parametrize(
    ("inside", "expected", "absent", "is_told"),
    [(4, 4, (), False), (4, 4, (3,), True), (3, 4, (3,), False), (2, 4, (3,), False), (9, 12, (3,), False),
     (10, 12, (3,), True)],
)  # fmt: skip
def test_coverage_is_held_against_the_month_before_by_its_share(
    inside: int, expected: int, absent: tuple[int, ...], is_told: bool
) -> None:
    found = check_town(of_may(100, absent), REFERENCE, months=month_table((100, inside), expected=expected))
    assert [finding.rule for finding in found] == ["L.coverage"] * is_told
    if is_told and expected == 4:
        assert found[0].message_vi.startswith("Toàn thị xã Sơn Tây, tháng 5/2022: mới có số liệu của 3/4 đơn vị")
        assert "(April 2022: 4 of 4)" in found[0].message_en


def test_coverage_is_not_held_against_a_month_long_before() -> None:
    april = month_table((100, 4)).assign(period_key="2022-03")
    assert check_town(of_may(100, (3,)), REFERENCE, months=april) == ()


USUAL = 300


@pytest.mark.parametrize(
    ("received", "months", "is_told"),
    [
        (int(USUAL * FACTOR), FEWEST_MONTHS, False),
        (int(USUAL * FACTOR) + 1, FEWEST_MONTHS, True),
        (int(USUAL * FACTOR) + 1, FEWEST_MONTHS - 1, False),
        (int(USUAL / FACTOR), FEWEST_MONTHS, False),
        (int(USUAL / FACTOR) - 1, FEWEST_MONTHS, True),
        (0, 12, True),
    ],
)  # fmt: skip
def test_a_month_far_from_the_usual_is_asked_about(received: int, months: int, is_told: bool) -> None:
    past = month_table(*((USUAL + 10 * (at - months // 2) * (months % 2), 4) for at in range(months)))
    found = check_town(of_may(received), REFERENCE, months=past)
    assert {(finding.rule, finding.measure) for finding in found} == (
        {("H.town", "received_in_period")} if is_told else set()
    )
    if is_told:
        assert f"the median of the {months} months before is {USUAL}" in found[0].message_en


def test_a_small_difference_and_a_month_that_lacks_units_are_no_question() -> None:
    few = month_table(*[(10, 4)] * 6)
    assert check_town(of_may(10 + int(FEWEST_DOSSIERS) - 1), REFERENCE, months=few) == ()
    assert [f.rule for f in check_town(of_may(10 + int(FEWEST_DOSSIERS)), REFERENCE, months=few)] == ["H.town"]
    whole = month_table(*[(USUAL, 4)] * 6)
    lacking = check_town(of_may(1, (2, 3)), REFERENCE, months=whole)
    assert [finding.rule for finding in lacking] == ["L.coverage"] and COMPARABLE > 2 / 4
    known = month_table(*[(USUAL, 4)] * 5, (1, 2))
    assert check_town(of_may(1), REFERENCE, months=known) == (), "a month of half the units is no yardstick"


def cumulative(reported: int | None, months: int | None) -> pd.DataFrame:
    place = {"unit_code": "1", "unit_name": "phường Một", "period_key": "2022-Q1", "measure": "resolved_total"}
    table = pd.DataFrame([place | {"reported": reported, "months": months}])
    return table.astype({"reported": "Int64", "months": "Int64"})


def test_a_quarter_that_is_not_its_months_is_named_with_both_numbers() -> None:
    for pair in ((120, 120), (120, None), (None, 118)):
        assert check_town(build(plain()), REFERENCE, cumulative=cumulative(*pair)) == ()
    (finding,) = check_town(build(plain()), REFERENCE, cumulative=cumulative(1120, 1118))
    assert finding.message_vi == (
        "Phường Một, quý I/2022: Tổng số đã giải quyết báo cáo cho cả kỳ là 1.120, nhưng theo báo cáo từng tháng là "
        "1.118. Chênh 2. Hãy hỏi đơn vị xem báo cáo nào đúng."
    )
    assert (finding.unit, finding.period, finding.found, finding.expected) == ("1", "2022-Q1", "1120", "1118")


def test_the_town_says_whether_a_finding_holds_the_publication() -> None:
    table = cumulative(120, 118)
    strict = replace(REFERENCE, town=replace(REFERENCE.town, severities={"T.cumulative": Severity.ERROR}))
    check_severities(FORM, strict.town.severities)
    assert find_holding(check_town(build(plain()), REFERENCE, cumulative=table)) == ()
    found = check_town(of_may(1, (2, 3)), strict, months=month_table((100, 4)), cumulative=table)
    assert [finding.rule for finding in found] == ["T.cumulative", "L.coverage"], "errors first"
    assert [finding.rule for finding in find_holding(found)] == ["T.cumulative"]


# ---------------------------------------------------------------------------------------------------------
# Great Expectations


def test_every_rule_is_judged_and_none_is_dropped() -> None:
    for table, judged in JUDGED.items():
        suite = build_town_suite(FORM, {}, table=table)
        rules = [one.rule for one in suite.expectations if isinstance(one, ExpectTownRuleToHold)]
        assert rules == [rule for rule, _ in judged]
    assert {rule for judged in JUDGED.values() for rule, _ in judged} == set(TOWN_RULES)


@pytest.mark.parametrize("table", list(Table))
def test_a_rule_that_cannot_run_is_our_fault_and_no_verdict(table: Table) -> None:
    with pytest.raises(LoadError, match="did not run"):
        validate(pd.DataFrame({"x": [1]}), build_town_suite(FORM, {}, table=table))


def test_months_of_the_dataset_are_as_they_are_now() -> None:
    months = pd.concat([month_table((5, 4)), month_table((7, 4)).assign(period_key="2022-05")], ignore_index=True)
    table = lay_months(of_may(100), REFERENCE, months)
    assert table[["period_key", "received_in_period", "is_judged", "follows"]].to_numpy().tolist() == [
        ["2022-04", 5, False, False],
        ["2022-05", 100, True, True],
    ]


def test_a_unit_without_a_report_is_missing() -> None:
    april = parse_period("2026-04", SON_TAY.town.calendar)
    assert april
    units = [{"unit_code": "09574", "unit_name": "Sơn Tây", "expected": True, "status": "missing"}]
    coverage = pd.DataFrame([*units, units[0] | {"status": "accepted"}, units[0] | {"expected": False}])
    reference = read_reference(CHECKOUT / "reference" / "son-tay")
    (finding,) = find_missing(coverage, april, reference)
    assert (finding.rule, finding.unit, finding.period) == ("L.missing", "09574", "2026-04")
    assert finding.message_en == "No report has arrived from Sơn Tây; it was due 17:00 17/04/2026."
