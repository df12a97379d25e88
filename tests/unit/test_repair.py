"""Which cell, and what it should be: the cases of the issue, and properties over rows of any kind."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.forms import Balance, Form, Measure, OverTime, constraints
from etl.model import Report
from etl.neighbours import with_previous
from etl.periods import parse_period
from etl.reference import read_reference
from etl.repair import propose
from etl.repairing.following import find_following_stocks
from etl.repairing.proposals import Proposal, Repair
from etl.repairing.slips import Slip

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
FORM = REFERENCE.form
MEASURES = FORM.measure_names
OFFICIAL = FORM.edition("2020").measures
LETTERS = {m: chr(ord("C") + i) for i, m in enumerate(OFFICIAL)}
COLUMNS = ["sheet", "row", "kind", "field", "field_name", "source_system"]

LARGE = dict(zip(OFFICIAL, (1318, 333, 866, 119, 1254, 840, 396, 18, 64, 57, 7), strict=True))
SMALL = dict(zip(OFFICIAL, (19, 5, 10, 4, 17, 9, 7, 1, 2, 2, 0), strict=True))
SUM = {m: LARGE[m] + SMALL[m] for m in OFFICIAL}


def report(*rows: dict[str, Any], edition: str = "2020", form: Form = FORM) -> Report:
    """Build a report of one sheet; each row gives its measures and, where it matters, its kind and field."""
    names = form.measure_names
    defaults = {"sheet": "Biểu", "kind": "field", "field_name": "", "source_system": ""}
    filled = [
        dict.fromkeys(names) | defaults | {"row": 9 + i, "field": f"f{i}"} | dict(row) for i, row in enumerate(rows)
    ]
    frame = pd.DataFrame(filled, columns=[*COLUMNS, *names]).astype(dict.fromkeys(names, "Int64"))
    april = parse_period("2022-04", REFERENCE.town.calendar)
    columns = {"Biểu": LETTERS if edition == "2020" else {}}
    return Report("0" * 64, "a.xlsx", None, "?", april, "2022-04", edition, frame, columns)


def stacked(*reports: Report) -> pd.DataFrame:
    return pd.concat([r.frame.assign(report=i) for i, r in enumerate(reports)], ignore_index=True)


def repairs(*rows: dict[str, Any], edition: str = "2020", **stocks: pd.DataFrame) -> dict[int, Repair]:
    one = report(*rows, edition=edition)
    return dict(propose(stacked(one), [one], FORM, **stocks))


def total(**changed: int) -> dict[str, Any]:
    return SUM | {"kind": "total", "field": None} | changed


def said(repair: Repair) -> list[tuple[str, int, int]]:
    """Give what the leading proposal changes."""
    assert repair.lead is not None, repair
    return [(change.measure, change.typed, change.value) for change in repair.lead.changes]


# ---------------------------------------------------------------------------------------------------------
# The cases of the issue


def test_the_statement_of_2022_gets_exactly_one_proposal() -> None:
    row = {"received_total": 6977, "resolved_total": 6975, "resolved_in_time": 6975, "resolved_overdue": 18}
    found = repairs(row, edition="plain")
    assert list(found) == [0]
    assert said(found[0]) == [("resolved_in_time", 6975, 6957)]
    suggestion = found[0].as_suggestion()
    assert suggestion == {
        "measure": "resolved_in_time",
        "cell": None,
        "value": 6957,
        "reason": "6.975 → 6.957: hai chữ số liền nhau bị đổi chỗ; khi đó Giải quyết trước hạn và đúng hạn và"
        " Giải quyết quá hạn cộng lại đúng bằng 6.975 của Tổng số đã giải quyết",
    }
    assert found[0].reason[1].startswith("6,975 → 6,957: two neighbouring digits were swapped; then ")


def test_the_published_row_of_ha_noi_has_a_wrong_total() -> None:
    row = {
        "received_total": 531269,
        "resolved_total": 510541,
        "resolved_in_time": 509772,
        "resolved_overdue": 763,
        "pending_total": 20734,
    }
    assert said(repairs(row, edition="plain")[0]) == [("resolved_total", 510541, 510535)]


def test_what_holds_is_left_alone() -> None:
    assert repairs(LARGE, SMALL, total()) == {}
    assert repairs() == {}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"received_total": 1381}, [("received_total", 1381, 1318)]),
        ({"received_direct": 686}, [("received_direct", 686, 866)]),
        ({"resolved_early": 480}, [("resolved_early", 480, 840)]),
        ({"resolved_overdue": 188}, [("resolved_overdue", 188, 18)]),
        (
            {"resolved_early": 396, "resolved_on_time": 840, "resolved_overdue": 81},
            [("resolved_overdue", 81, 18)],
        ),
        ({"carried_over": 1254, "resolved_total": 119}, [("carried_over", 1254, 119), ("resolved_total", 119, 1254)]),
        (
            {"received_direct": 686, "resolved_early": 480},
            [("received_direct", 686, 866), ("resolved_early", 480, 840)],
        ),
    ],
)
def test_a_row_alone_shows_the_slip(changed: dict[str, int], expected: list[tuple[str, int, int]]) -> None:
    meant = LARGE if "resolved_on_time" not in changed else LARGE | {"resolved_early": 396, "resolved_on_time": 840}
    assert said(repairs(meant | changed)[0]) == expected


def test_columns_shifted_by_one_go_back() -> None:
    columns = OFFICIAL[4:9]
    shifted = LARGE | dict(zip(columns, [0, *(LARGE[m] for m in columns[:-1])], strict=True))
    (repair,) = repairs(shifted).values()
    assert repair.lead is not None
    assert {change.slip for change in repair.lead.changes} == {Slip.SHIFTED}
    assert applied(shifted, repair.lead) == LARGE


def test_where_nothing_tells_two_cells_apart_both_are_named() -> None:
    found = repairs(SMALL | {"resolved_early": 6})[0]
    assert found.lead is None
    suggestion = found.as_suggestion()
    assert suggestion is not None
    named = {(each["cell"], each["value"]) for each in suggestion["either"]}
    assert named == {("H9", 9), ("J9", 4)}
    assert " hoặc " in found.reason[0]


def test_the_total_row_pins_a_slip_down() -> None:
    found = repairs(LARGE, SMALL | {"resolved_early": 6}, total())
    assert said(found[1]) == [("resolved_early", 6, 9)]
    assert found[1].lead and "các dòng cộng lại đúng bằng dòng tổng" in found[1].lead.reason[0]
    assert found[2].blamed == (1,)
    assert found[2].lead == found[1].lead


def test_a_computed_total_row_follows_the_row_that_is_wrong() -> None:
    typed = SMALL | {"received_direct": 100, "received_total": 109}
    found = repairs(LARGE, typed, total(received_direct=966, received_total=1427))
    assert said(found[1]) == [("received_direct", 100, 10)]
    assert found[1].lead and [(c.measure, c.value) for c in found[1].lead.computed] == [("received_total", 19)]
    assert found[2].blamed == (1,)


@pytest.mark.parametrize("changed", [{"received_direct": 877}, {"resolved_total": 1217}])
def test_the_total_row_itself_is_judged_with_its_columns(changed: dict[str, int]) -> None:
    (measure, typed), *_ = changed.items()
    found = repairs(LARGE, SMALL, total(**changed))
    assert list(found) == [2]
    assert said(found[2]) == [(measure, typed, SUM[measure])]


def test_two_rows_wrong_in_one_column_are_both_found() -> None:
    found = repairs(LARGE | {"resolved_early": 480}, SMALL | {"resolved_early": 6}, total())
    assert [said(found[0]), said(found[1])] == [[("resolved_early", 480, 840)], [("resolved_early", 6, 9)]]
    assert found[2].blamed == (0, 1)


def test_the_neighbouring_periods_tell_which_stock_is_wrong() -> None:
    typed = SMALL | {"carried_over": 6}
    before, after = (
        pd.DataFrame({"report": [0], "source_system": [""], "line": ["f0"], "previous": [stock]}) for stock in (4, 2)
    )
    alone = repairs(typed)[0]
    assert alone.lead is None
    held = repairs(typed, stocks_before=before, stocks_after=after)[0]
    assert said(held) == [("carried_over", 6, 4)]
    assert held.lead and held.lead.reason[0].endswith("khớp với kỳ trước")
    one = report(typed)
    with_column = with_previous(stacked(one), before)
    assert propose(with_column, [one], FORM, stocks_after=after)[0] == held


def test_the_period_after_is_found_in_the_batch() -> None:
    april = report(SMALL | {"pending_in_time": 3, "pending_total": 3, "received_online": 6})
    may = replace(report(LARGE | {"carried_over": 2}, SMALL), period=parse_period("2022-05", REFERENCE.town.calendar))
    batch = [may, april]
    stocks = find_following_stocks(stacked(*batch), batch, FORM)
    assert stocks.to_dict("list") == {
        "report": [1, 1],
        "source_system": ["", ""],
        "line": ["f0", "f1"],
        "previous": [2, 4],
    }
    assert find_following_stocks(stacked(april), [april], FORM).empty


def test_dossiers_left_out_are_said_instead() -> None:
    typed = LARGE | {"pending_in_time": 20, "pending_total": 27}
    found = repairs(LARGE | {"received_direct": 879, "received_total": 1331})[0]
    assert found.lead is None
    assert found.left_out == 13
    assert "còn 13 hồ sơ không nằm trong cột nào" in found.reason[0]
    assert FORM.balance("flow").gap_hint_vi in found.reason[0]
    assert repairs(typed)[0].left_out in (37, None)


def test_another_form_needs_no_code() -> None:
    foia = Form(
        "foia", "", "",
        tuple(Measure(n, n, n, OverTime.FLOW) for n in ("available", "start", "received", "processed", "end")),
        (Balance("flow", "available", ("processed", "end")), Balance("in", "available", ("start", "received"))),
        (), FORM.editions,
    )  # fmt: skip
    one = report({"available": 6957, "start": 200, "received": 6757, "processed": 6775, "end": 132}, form=foia)
    one_wrong = one.frame.assign(processed=pd.array([6852], dtype="Int64"), report=0)
    assert said(propose(one_wrong, [one], foia)[0]) == [("processed", 6852, 6825)]


# ---------------------------------------------------------------------------------------------------------
# Properties

cells = st.one_of(st.none(), st.integers(-3, 30), st.integers(0, 10**9))


@st.composite
def nearly_coherent(draw: st.DrawFn) -> dict[str, Any]:
    """A row of which some measures are reported, with a few wrong."""
    parts = [draw(st.one_of(st.integers(0, 9), st.integers(0, 9999))) for _ in range(6)]
    online, direct, carried, early, on_time, late = parts
    received = online + direct + carried
    early, on_time = min(early, received), min(on_time, received - min(early, received))
    overdue = min(late, received - early - on_time)
    pending = received - early - on_time - overdue
    pending_late = draw(st.integers(0, pending))
    row = dict(
        zip(
            OFFICIAL,
            (received, online, direct, carried, early + on_time + overdue, early, on_time, overdue, pending,
             pending - pending_late, pending_late),
            strict=True,
        )
    )  # fmt: skip
    row |= {"received_in_period": online + direct, "resolved_in_time": early + on_time}
    kept = draw(st.sets(st.sampled_from(MEASURES), min_size=3))
    typed: dict[str, Any] = {m: row[m] for m in MEASURES if m in kept}
    for measure in draw(st.lists(st.sampled_from(sorted(kept)), max_size=3)):
        typed[measure] = draw(cells)
    return typed


anything = st.dictionaries(st.sampled_from(MEASURES), cells)
kinds = st.sampled_from(["field", "field", "group", "total"])
systems = st.sampled_from(["", "", "city"])
tables = st.lists(
    st.tuples(st.one_of(nearly_coherent(), anything), kinds, systems, st.sampled_from(["f1", None])), max_size=5
)


def rows_of(table: list[tuple[dict[str, Any], str, str, str | None]]) -> list[dict[str, Any]]:
    return [row | {"kind": k, "source_system": s, "field": f, "field_name": ""} for row, k, s, f in table]


def applied(row: dict[str, Any], proposal: Proposal) -> dict[str, Any]:
    return row | {change.measure: change.value for change in (*proposal.changes, *proposal.computed)}


def holds(row: dict[str, Any]) -> bool:
    counts = {m: row[m] for m in MEASURES if row.get(m) is not None}
    gaps = [
        (c.is_equation, sum(k * counts[m] for m, k in c.coefficients))
        for c in constraints(FORM.balances, frozenset(counts))
    ]
    return all(v >= 0 for v in counts.values()) and all(g == 0 if equal else g >= 0 for equal, g in gaps)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_never_raises_and_every_proposal_makes_its_row_hold(table: list[Any]) -> None:
    rows = rows_of(table)
    found = repairs(*rows)
    for position, repair in found.items():
        assert repair.position == position
        for proposal in [repair.lead] if repair.lead else repair.candidates:
            assert proposal.changes
            (place,) = {change.position for change in (*proposal.changes, *proposal.computed)}
            assert place == position or place in repair.blamed
            assert all(change.typed == rows[place][change.measure] for change in proposal.changes)
            assert holds(applied(rows[place], proposal))
            assert all(proposal.reason)
            assert 0 < proposal.share <= 1
    broken = {i for i, row in enumerate(rows) if not holds(row)}
    assert broken <= set(found)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_the_same_rows_give_the_same(table: list[Any]) -> None:
    assert repairs(*rows_of(table)) == repairs(*rows_of(table))


@settings(max_examples=60, deadline=None)
@given(st.lists(nearly_coherent(), min_size=2, max_size=4), st.randoms())
def test_the_order_of_reports_makes_no_difference(rows: list[dict[str, Any]], rng: Any) -> None:
    order = list(range(len(rows)))
    rng.shuffle(order)
    straight, mixed = ([report(rows[i], edition="plain") for i in o] for o in (range(len(rows)), order))
    first, second = (propose(stacked(*reports), reports, FORM) for reports in (straight, mixed))
    told = {i: first[i].reason for i in first}
    assert told == {order[i]: second[i].reason for i in second}


@settings(max_examples=60, deadline=None)
@given(tables, st.randoms())
def test_the_order_of_rows_in_a_frame_makes_no_difference(table: list[Any], rng: Any) -> None:
    one = report(*rows_of(table))
    order = list(range(len(table)))
    rng.shuffle(order)
    straight = propose(stacked(one), [one], FORM)
    mixed = propose(stacked(one).iloc[order].reset_index(drop=True), [one], FORM)
    told = {i: (repair.reason, repair.left_out) for i, repair in straight.items()}
    assert told == {order[i]: (repair.reason, repair.left_out) for i, repair in mixed.items()}


@settings(max_examples=60, deadline=None)
@given(tables)
def test_a_suggestion_is_json_of_the_agreed_shape(table: list[Any]) -> None:
    for repair in repairs(*rows_of(table)).values():
        suggestion = repair.as_suggestion()
        if suggestion is None:
            continue
        choices = suggestion.get("either", [suggestion])
        assert all(set(each) == {"measure", "cell", "value", "reason"} for each in choices)
        assert all(type(each["value"]) is int and each["value"] >= 0 for each in choices)


def test_every_neighbouring_swap_of_a_large_number_is_undone() -> None:
    digits = str(LARGE["resolved_total"])
    for i, (one, two) in enumerate(pairwise(digits)):
        typed = int(digits[:i] + two + one + digits[i + 2 :])
        assert said(repairs(LARGE | {"resolved_total": typed})[0]) == [("resolved_total", typed, 1254)]


def test_no_measure_is_named_in_the_code() -> None:
    folder = Path(__file__).parents[2] / "etl"
    modules = [folder / "repair.py", *(folder / "repairing").glob("*.py")]
    assert len(modules) > 5
    for module in modules:
        assert not [m for m in MEASURES if re.search(rf"\b{m}\b", module.read_text("utf-8"))]


def test_numbers_are_plain() -> None:
    (repair,) = repairs(LARGE | {"resolved_early": 480}).values()
    assert repair.lead is not None
    assert all(not isinstance(change.value, np.generic) for change in repair.lead.changes)
