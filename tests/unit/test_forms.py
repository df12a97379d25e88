"""The algebra of the form: constraints and what follows for missing measures, against an independent solver."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from etl.forms import Balance, constraints, determined
from etl.reference import read_reference

FORM = read_reference(Path(__file__).parents[2] / "reference" / "son-tay").form
MEASURES = FORM.measure_names


def solve(reported: dict[str, int], objective: str | None = None, sign: int = 1) -> float | None:
    """Ask a linear solver whether counts ≥ 0 for what is missing exist (the balances are totally unimodular)."""
    rows = np.array([[b.coefficients.get(m, 0) for m in MEASURES] for b in FORM.balances])
    limits = [(reported[m], reported[m]) if m in reported else (0, None) for m in MEASURES]
    cost = [sign if m == objective else 0 for m in MEASURES]
    found = linprog(cost, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=limits)
    return float(found.fun) if found.status == 0 else None


counts = st.integers(0, 6)
reports = st.dictionaries(st.sampled_from(MEASURES), counts, max_size=len(MEASURES))


@st.composite
def nearly_coherent(draw: st.DrawFn) -> dict[str, int]:
    """A coherent row of which some measures are reported, and at most one of them is wrong."""
    online, direct, carried, early, on_time, overdue = (draw(counts) for _ in range(6))
    whole = {
        "received_online": online,
        "received_direct": direct,
        "carried_over": carried,
        "received_in_period": online + direct,
    }
    whole |= {"received_total": online + direct + carried}
    in_time = min(early + on_time, whole["received_total"])
    early = min(early, in_time)
    overdue = min(overdue, whole["received_total"] - in_time)
    pending = whole["received_total"] - in_time - overdue
    late = draw(st.integers(0, pending))
    whole |= {"resolved_early": early, "resolved_on_time": in_time - early, "resolved_in_time": in_time}
    whole |= {"resolved_overdue": overdue, "resolved_total": in_time + overdue}
    whole |= {"pending_total": pending, "pending_overdue": late, "pending_in_time": pending - late}
    chosen = draw(st.sets(st.sampled_from(MEASURES), min_size=1))
    row = {m: whole[m] for m in MEASURES if m in chosen}
    if draw(st.booleans()):
        row[draw(st.sampled_from(sorted(chosen)))] = draw(st.integers(0, 12))
    return row


def holds(row: dict[str, int]) -> bool:
    gaps = [
        (c.is_equation, sum(k * row[m] for m, k in c.coefficients)) for c in constraints(FORM.balances, frozenset(row))
    ]
    return all(gap == 0 if is_equation else gap >= 0 for is_equation, gap in gaps)


@settings(max_examples=400, deadline=None)
@given(st.one_of(reports, nearly_coherent()))
def test_constraints_hold_exactly_when_whole_numbers_for_the_missing_exist(row: dict[str, int]) -> None:
    assert holds(row) == (solve(row) is not None)


@settings(max_examples=200, deadline=None)
@given(nearly_coherent())
def test_determined_completes_exactly_what_has_one_solution(row: dict[str, int]) -> None:
    if solve(row) is None:
        return
    arrays = {m: np.array([float(row.get(m, np.nan))]) for m in MEASURES}
    completed = determined(FORM.balances, arrays)
    for measure in set(MEASURES) - set(row):
        least, most = solve(row, measure), solve(row, measure, -1)
        only = least if least is not None and most is not None and least == -most else None
        got = completed[measure][0]
        assert (None if np.isnan(got) else got) == only


def test_the_official_columns_give_the_four_balances_of_the_form() -> None:
    official = frozenset(FORM.edition("2020").measures)
    found = constraints(FORM.balances, official)
    assert [(c.balance, dict(c.coefficients)) for c in found] == [
        ("received", {"received_total": 1, "received_online": -1, "received_direct": -1, "carried_over": -1}),
        ("resolved", {"resolved_total": 1, "resolved_early": -1, "resolved_on_time": -1, "resolved_overdue": -1}),
        ("pending", {"pending_total": 1, "pending_in_time": -1, "pending_overdue": -1}),
        ("flow", {"received_total": 1, "resolved_total": -1, "pending_total": -1}),
    ]
    assert all(c.is_equation for c in found)


@pytest.mark.parametrize(
    ("reported", "larger", "smaller"),
    [
        (("received_total", "resolved_total"), "received_total", {"resolved_total"}),
        (
            ("received_total", "resolved_in_time", "pending_total"),
            "received_total",
            {"resolved_in_time", "pending_total"},
        ),
        (("received_total", "resolved_overdue"), "received_total", {"resolved_overdue"}),
    ],
)
def test_missing_measures_leave_bounds(reported: tuple[str, ...], larger: str, smaller: set[str]) -> None:
    (bound,) = constraints(FORM.balances, frozenset(reported))
    assert not bound.is_equation
    assert (dict(bound.larger), {m for m, _ in bound.smaller}) == ({larger: 1}, smaller)


MATRIX = tuple(
    Balance(f"flow_{kind}", f"in_{kind}", (f"out_{kind}", f"left_{kind}")) for kind in ("all", "civil", "criminal")
) + tuple(Balance(stage, f"{stage}_all", (f"{stage}_civil", f"{stage}_criminal")) for stage in ("in", "out", "left"))
CELLS = tuple(dict.fromkeys(m for b in MATRIX for m in b.coefficients))


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(CELLS), st.integers(0, 5), min_size=2))
def test_a_matrix_of_categories_is_judged_as_a_solver_judges_it(row: dict[str, int]) -> None:
    coefficients = np.array([[b.coefficients.get(m, 0) for m in CELLS] for b in MATRIX])
    limits = [(row[m], row[m]) if m in row else (0, None) for m in CELLS]
    feasible = linprog(np.zeros(len(CELLS)), A_eq=coefficients, b_eq=np.zeros(len(MATRIX)), bounds=limits).status == 0
    found = constraints(MATRIX, frozenset(row))
    gaps = [(c.is_equation, sum(k * row[m] for m, k in c.coefficients)) for c in found]
    assert feasible == all(gap == 0 if is_equation else gap >= 0 for is_equation, gap in gaps)


def test_another_form_needs_no_code() -> None:
    foia = (
        Balance("flow", "available", ("processed", "pending_end")),
        Balance("in", "available", ("pending_start", "received")),
    )
    (only,) = constraints(foia, frozenset({"pending_start", "received", "processed", "pending_end"}))
    assert only.is_equation
    assert {abs(c) for _, c in only.coefficients} == {1}
