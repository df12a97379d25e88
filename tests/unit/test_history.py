"""Questions about history: asked of what leaves a unit's own past, silent without a past, never an exception."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.history import SCENES, count_false_alarms, make_series, measure_slips
from etl.check import CheckContext, check
from etl.forms import OverTime
from etl.history import compose_history
from etl.model import CheckedReport, Severity, Verdict, verdict_of
from etl.reference import read_reference
from etl.rules import compose_finding
from expectations.history import FEWEST_PERIODS, find_history_breaches
from tests.unit.test_check import report

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
FORM = REFERENCE.form
USUAL = (104, 96, 131, 118, 99, 122, 110, 107, 125, 113, 101, 120)
MONTHS = [f"{year}-{month:02}" for year in (2021, 2022, 2023, 2024) for month in range(1, 13)]


def table(values: Any, *, judged: int = 1) -> pd.DataFrame:
    """Lay out one line of months; the last ones are judged."""
    starts = pd.date_range("2020-01-15", periods=len(values), freq="MS")
    line = {"unit": "a", "kind": "0000-00", "start": starts, "source_system": "", "field": "f"}
    is_judged = np.arange(len(values)) >= len(values) - judged
    return pd.DataFrame(line | {"x": np.asarray(values, dtype="float64"), "is_judged": is_judged})


def asked(*values: float) -> bool:
    return len(find_history_breaches(table(values), ["x"])) > 0


def row(received: int, **more: Any) -> dict[str, Any]:
    """Make a row of the plain table in which everything is resolved at once."""
    return {"received_in_period": received, "resolved_total": received} | more


def judge(*months: Any, past: pd.DataFrame | None = None, first: int = 0, **context: Any) -> tuple[CheckedReport, ...]:
    """Check one report a month; a month is its rows."""
    reports = [report(*rows, period=MONTHS[first + i], edition="plain") for i, rows in enumerate(months)]
    return check(reports, CheckContext(REFERENCE, history=past, **context))


def test_the_principal_flows_come_from_the_balances() -> None:
    assert FORM.principal_flows == ("received_in_period", "resolved_total")


def test_a_form_without_flows_has_no_history() -> None:
    stocks = tuple(replace(measure, over_time=OverTime.CLOSING) for measure in FORM.measures)
    still = replace(REFERENCE, form=replace(FORM, measures=stocks))
    assert still.form.principal_flows == ()
    reports = [report(row(n), period=MONTHS[i], edition="plain") for i, n in enumerate((*USUAL, 1240))]
    assert all(checked.findings == () for checked in check(reports, CheckContext(still)))


def test_a_figure_ten_times_too_large_or_small_is_asked_about_and_a_usual_one_is_not() -> None:
    assert [asked(*USUAL, last) for last in (1240, 12, 124, 150, 80)] == [True, True, False, False, False]


def test_nothing_is_asked_without_enough_past() -> None:
    assert not asked(*USUAL[: FEWEST_PERIODS - 1], 9999)
    assert asked(*USUAL[:FEWEST_PERIODS], 9999)


def test_the_month_after_a_wrong_one_is_not_blamed_for_it() -> None:
    assert not asked(*USUAL, 1240, 118)


def test_small_figures_are_left_alone() -> None:
    assert not any(asked(2, 0, 1, 3, 0, 2, 1, 1, 0, 2, 1, 0, last) for last in range(9))


def test_a_season_is_no_surprise_the_second_time() -> None:
    year = [100, 40, 110, 100, 95, 250, 260, 240, 105, 100, 98, 102]
    assert not any(asked(*(year + year)[: 12 + month]) for month in range(1, 13))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(50, 400), min_size=12, max_size=12), st.integers(0, 11))
def test_what_repeats_every_year_is_never_asked_about(year: list[int], month: int) -> None:
    assert not asked(*year, *year, *year[: month + 1])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 3), st.integers(0, 10**6)), max_size=40),
    st.integers(1, 40),
)
def test_it_raises_on_no_series_and_says_only_sensible_things(values: list[int | None], judged: int) -> None:
    found = find_history_breaches(table([np.nan if v is None else v for v in values], judged=judged), ["x"])
    assert (found["suspicion"] > 1).all() and (found["low"] <= found["high"]).all()
    assert not found[["found", "expected", "low", "high"]].isna().any(axis=None) and (found["expected"] >= 0).all()
    assert ((found["found"] - found["expected"]).abs() >= 9.5).all()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_honest_series_are_seldom_asked_about(scene: Any) -> None:
    assert count_false_alarms(make_series(scene, np.random.default_rng(7)))[0] < 3


@pytest.mark.parametrize("kind", ["×10", "÷10"])
def test_slips_of_a_factor_ten_are_seen_where_figures_are_large(kind: str) -> None:
    rng = np.random.default_rng(7)
    told = [t for _ in range(3) for t in measure_slips(make_series(SCENES[1], rng), kind, rng)]
    seen = [is_seen for figure, _, is_seen in told if figure >= 50]
    assert len(seen) > 80 and np.mean(seen) > 0.85


# ---------------------------------------------------------------------------------------------------------
# In a check


def test_a_question_names_the_cell_and_what_is_usual_and_leaves_the_verdict() -> None:
    *_, last = judge(*([row(n)] for n in (*USUAL, 1240)))
    (finding,) = last.findings
    assert (finding.rule, finding.measure, finding.found, finding.expected) == (
        "H.ratio",
        "received_in_period",
        "1240",
        "112",
    )
    assert finding.message_vi == (
        "Dòng 9 (Hộ tịch): Tiếp nhận trong kỳ ghi 1.240; 12 kỳ gần đây của đơn vị thường ở khoảng 99–125."
        " Nếu đúng thì không phải làm gì; nếu gõ nhầm, xin sửa và gửi lại."
    )
    assert last.verdict is Verdict.ACCEPTED and finding.severity is Severity.WARNING and finding.is_question


def test_a_town_may_weigh_a_question_as_an_error() -> None:
    refused = compose_finding("H.ratio", severity=Severity.ERROR)
    assert verdict_of((refused,)) is Verdict.REJECTED and not refused.is_question
    assert verdict_of((compose_finding("H.ratio"), compose_finding("V.blank"))) is Verdict.WARNINGS


def test_the_past_may_lie_in_the_warehouse() -> None:
    past = pd.DataFrame(
        {
            "unit": "09577",
            "period": MONTHS[:12],
            "start": [date(2020 + (n == 12), n % 12 + 1, 15) for n in range(0, 12)],
            "source_system": "",
            "field": "ho-tich",
            "received_in_period": [float(n) for n in USUAL],
            "resolved_total": [float(n) for n in USUAL],
        }
    )
    past["start"] = pd.to_datetime(past["start"])
    (checked,) = judge([row(1240)], past=past, first=12)
    assert [f.rule for f in checked.findings] == ["H.ratio"]
    (checked,) = judge([row(1240)], past=past.assign(unit="09577 2020-01-01"), first=12)
    assert checked.findings == ()


def test_what_was_refused_is_neither_asked_about_nor_a_past() -> None:
    wrong = {"resolved_in_time": 0, "resolved_overdue": 0}
    *_, last = judge(*([row(n)] for n in USUAL), [row(1240) | wrong])
    assert {f.code for f in last.findings} == {"B"}
    *_, last = judge(*([row(n) | wrong] for n in USUAL), [row(1240)])
    assert last.findings == ()


def test_a_field_left_out_counts_nothing_but_not_in_a_report_that_does_not_divide() -> None:
    two = [[row(n), row(n, field="dat-dai", field_name="Đất đai")] for n in USUAL]
    *_, last = judge(*two, [row(110)])
    (finding,) = last.findings
    assert (finding.field, finding.found) == ("dat-dai", "0")
    assert finding.message_vi.startswith("Lĩnh vực Đất đai: không có dòng nào, tức là ")
    *_, last = judge(*two, [row(220, field="all", field_name="")])
    assert last.findings == ()
    *_, last = judge(*two, [row(2200, field="all", field_name="")])
    (finding,) = last.findings
    assert finding.message_vi.startswith("Dòng 9: Tiếp nhận trong kỳ ghi 2.200; 12 kỳ gần đây")


def test_another_source_system_has_no_past() -> None:
    *_, last = judge(*([row(n)] for n in USUAL), [row(110, source_system="city")])
    assert last.findings == ()


def test_one_line_is_asked_about_once_and_the_whole_only_by_itself() -> None:
    lines = pd.concat([table([*USUAL, 1240]).assign(source_system="all", field="all"), table([*USUAL, 1240])])
    found = find_history_breaches(lines.assign(y=lines["x"] * 1.0).reset_index(drop=True), ["x", "y"])
    assert found["position"].tolist() == [25]


cells = st.one_of(st.none(), st.integers(0, 5), st.integers(0, 10**6))
lines = st.fixed_dictionaries(
    {
        "received_in_period": cells,
        "resolved_total": cells,
        "field": st.sampled_from(["ho-tich", "dat-dai", "all", None]),
        "source_system": st.sampled_from(["", "city"]),
    }
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(lines, max_size=3), min_size=9, max_size=14))
def test_a_check_of_many_periods_never_raises(months: list[list[dict[str, Any]]]) -> None:
    for checked in judge(*months, is_statement=True):
        assert all(finding.message_vi and finding.message_en for finding in checked.findings)


def test_a_table_of_nothing_is_nothing() -> None:
    columns = ["unit", "kind", "start", "source_system", "field", *FORM.principal_flows, "report", "position"]
    assert compose_history(pd.DataFrame(columns=columns), FORM).empty
