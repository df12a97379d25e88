"""The checks: which rule, which cell, what was expected; and never an exception for bad data."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.check import CheckContext, check
from etl.errors import ConfigError
from etl.model import CheckedReport, Report, Severity, Verdict
from etl.periods import parse_period
from etl.reference import read_reference
from expectations.ward_report import (
    build_continuity_suite,
    build_fact_suite,
    build_history_suite,
    build_row_suite,
    check_severities,
    rules_of,
)

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
FORM = REFERENCE.form
MEASURES = FORM.measure_names
LETTERS = {m: chr(ord("C") + i) for i, m in enumerate(FORM.edition("2020").measures)}


def report(*rows: dict[str, Any], unit: str = "09577", period: str = "2022-04", edition: str = "2020") -> Report:
    """Build a report of one sheet; each row gives its measures and, where it matters, field, kind, source_system."""
    defaults = {"sheet": "Sheet1", "kind": "field", "field": "ho-tich", "field_name": "Hộ tịch", "source_system": ""}
    filled = [defaults | {"row": 9 + i} | dict.fromkeys(MEASURES) | row for i, row in enumerate(rows)]
    columns = ["sheet", "row", "kind", "field", "field_name", "source_system", *MEASURES]
    frame = pd.DataFrame(filled, columns=columns).astype(dict.fromkeys(MEASURES, "Int64"))
    return Report(
        submission="0" * 64,
        file_name="a.xlsx",
        unit=next(u for u in REFERENCE.units if u.code == unit),
        unit_text=unit,
        period=parse_period(period, REFERENCE.town.calendar),
        period_text=period,
        edition=edition,
        frame=frame,
        columns={"Sheet1": LETTERS if edition == "2020" else {}},
    )


def whole(**changed: int) -> dict[str, Any]:
    """A coherent row of the official form, with some cells changed."""
    names = FORM.edition("2020").measures
    return dict(zip(names, (19, 5, 10, 4, 17, 9, 7, 1, 2, 2, 0), strict=True)) | changed


def judge(*reports: Report, **context: Any) -> tuple[CheckedReport, ...]:
    return check(reports, CheckContext(REFERENCE, **context))


def found_in(checked: CheckedReport) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(f.rule, f.cell, f.found, f.expected) for f in checked.findings]


def test_a_coherent_report_is_accepted() -> None:
    (checked,) = judge(report(whole()))
    assert (checked.verdict, checked.findings) == (Verdict.ACCEPTED, ())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"resolved_early": 6}, [("B.resolved", "G9", "17", "14")]),
        ({"pending_overdue": 1}, [("B.pending", "K9", "2", "3")]),
        ({"received_total": 91}, [("B.received", "C9", "91", "19"), ("B.flow", "C9", "91", "19")]),
        ({"resolved_total": 71}, [("B.resolved", "G9", "71", "17"), ("B.flow", "C9", "19", "73")]),
    ],
)
def test_a_broken_balance_is_refused_at_its_total(changed: dict[str, int], expected: list[tuple[str, ...]]) -> None:
    (checked,) = judge(report(whole(**changed)))
    assert checked.verdict is Verdict.REJECTED
    assert sorted(found_in(checked)) == sorted(expected)


def test_a_message_says_where_what_was_found_expected_and_what_to_do() -> None:
    (checked,) = judge(report(whole(resolved_total=1297)))
    message = next(f for f in checked.findings if f.rule == "B.resolved")
    assert message.message_vi == (
        "Ô G9 (Hộ tịch): (7) Tổng số đã giải quyết ghi 1.297, nhưng (8) Giải quyết trước hạn 9"
        " + (9) Giải quyết đúng hạn 7 + (10) Giải quyết quá hạn 1 = 17. Lệch 1.280. Hãy kiểm tra các ô này."
        " Có lẽ ô G9: 1.297 → 17: ghi nhầm số; khi đó (8) Giải quyết trước hạn, (9) Giải quyết đúng hạn và (10) Giải"
        " quyết quá hạn cộng lại đúng bằng 17 của (7) Tổng số đã giải quyết."
    )
    assert message.message_en.startswith("Cell G9 (Hộ tịch): (7) resolved, total is 1,297, but (8) resolved early 9 + ")


def test_the_statement_of_2022_gets_one_proposal_and_so_does_the_total_of_ha_noi() -> None:
    statement = {"received_total": 6977, "resolved_total": 6975, "resolved_in_time": 6975, "resolved_overdue": 18}
    ha_noi = {"received_total": 531269, "resolved_total": 510541, "resolved_in_time": 509772, "resolved_overdue": 763}
    first, second = judge(
        report(statement, edition="plain"), report(ha_noi | {"pending_total": 20734}, edition="plain")
    )
    (suggestion,) = [dict(f.suggestion or {}) for f in first.findings]
    assert (suggestion["measure"], suggestion["value"]) == ("resolved_in_time", 6957)
    assert "hai chữ số liền nhau" in suggestion["reason"]
    proposed = {(f.suggestion or {}).get("measure"): (f.suggestion or {}).get("value") for f in second.findings}
    assert proposed == {"resolved_total": 510535}


def test_dossiers_left_out_get_their_hint() -> None:
    (checked,) = judge(report(whole(received_total=21, received_direct=12)))
    assert "hồ sơ trả lại, rút" in checked.findings[0].message_vi


def test_what_is_not_reported_is_bounded_never_taken_as_zero() -> None:
    fits, too_many = (
        {"received_total": 10, "resolved_in_time": 4},
        {"received_total": 10, "resolved_in_time": 8, "pending_total": 5},
    )
    good, bad = judge(report(fits, edition="plain"), report(too_many, edition="plain", unit="09580"))
    assert good.verdict is Verdict.ACCEPTED
    assert found_in(bad) == [("B.flow", None, "10", "≥ 13")]


def test_one_bad_ward_holds_up_no_other() -> None:
    verdicts = [
        c.verdict
        for c in judge(report(whole()), report(whole(resolved_total=1), unit="09580"), report(whole(), unit="09583"))
    ]
    assert verdicts == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.ACCEPTED]


def test_the_total_row_is_the_sum_of_the_fields_of_its_sheet_or_section() -> None:
    twice = {m: 2 * v for m, v in whole().items()}
    rows = [
        whole() | {"source_system": "city"},
        whole() | {"source_system": "ministries", "field": "dat-dai"},
        whole() | {"kind": "total", "field": None, "source_system": "city"},
        twice | {"kind": "total", "field": None, "resolved_overdue": 3, "resolved_on_time": 13},
    ]
    (checked,) = judge(report(*rows))
    assert found_in(checked) == [("T.total-row", "I12", "13", "14"), ("T.total-row", "J12", "3", "2")]


def test_an_opening_stock_continues_the_last_closing_stock() -> None:
    march, april = report(whole(), period="2022-03"), report(whole())
    first, second = judge(march, april)
    assert first.findings == ()
    assert found_in(second) == [("C.roll-forward", "F9", "4", "2")]
    assert second.verdict is Verdict.WARNINGS


def test_continuity_is_also_held_against_the_warehouse() -> None:
    known = pd.DataFrame(
        {"unit": ["09577"], "period": ["2022-04"], "source_system": [""], "field": ["ho-tich"], "pending_total": [4]}
    )
    assert judge(report(whole()), previous=known)[0].findings == ()
    assert found_in(judge(report(whole()), previous=known.assign(pending_total=7))[0]) == [
        ("C.roll-forward", "F9", "4", "7")
    ]
    (vanished,) = judge(report(whole(carried_over=0, received_direct=14)), previous=known.assign(field="dat-dai"))
    assert found_in(vanished) == [("C.field-vanished", None, "4", None)]


def test_a_refused_report_is_no_yardstick_for_the_next_but_in_a_statement_it_is() -> None:
    march, april = report(whole(pending_total=3), period="2022-03"), report(whole())
    assert judge(march, april)[1].findings == ()
    assert [f.rule for f in judge(march, april, is_statement=True)[1].findings] == ["C.roll-forward"]


def test_a_report_after_its_due_moment_is_late() -> None:
    from dataclasses import replace

    on_time, late = (
        replace(report(whole(), period="2026-04"), received_at=datetime(2026, 4, day, 9, 0, tzinfo=UTC))
        for day in (17, 18)
    )
    assert judge(on_time)[0].findings == ()
    assert [f.rule for f in judge(late)[0].findings] == ["L.late"]


def test_a_town_weighs_rules_differently(tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(REFERENCE.folder, tmp_path / "elsewhere"))
    settings_file = folder / "town.yaml"
    settings_file.write_text(
        settings_file.read_text("utf-8").replace("severities: {}", "severities: {C: error, B.flow: warning}"), "utf-8"
    )
    strict = CheckContext(read_reference(folder))
    _, continued = check([report(whole(), period="2022-03"), report(whole())], strict)
    (flow,) = check([report(whole(pending_total=3, pending_overdue=1))], strict)
    assert (continued.verdict, flow.verdict) == (Verdict.REJECTED, Verdict.WARNINGS)


def test_unknown_rules_in_the_town_file_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"B\.nonsense"):
        check_severities(FORM, {"B.nonsense": Severity.WARNING})


def test_every_rule_stands_in_a_suite_once_with_its_severity() -> None:
    builders = (build_row_suite, build_fact_suite, build_continuity_suite, build_history_suite)
    suites = [build(FORM, {}) for build in builders]
    built = {e.rule: e.severity for suite in suites for e in suite.expectations}  # type: ignore[attr-defined]
    assert len(built) == sum(len(suite.expectations) for suite in suites)
    assert {rule: str(severity.value) for rule, severity in built.items()} == {
        rule.name: "critical" if rule.severity is Severity.ERROR else "warning" for rule in rules_of(FORM)
    }


cells = st.one_of(st.none(), st.integers(0, 30), st.integers(0, 10**9))
rows = st.fixed_dictionaries(
    {
        **dict.fromkeys(MEASURES, cells),
        "kind": st.sampled_from(["field", "group", "total"]),
        "field": st.sampled_from(["ho-tich", "dat-dai", "all", None]),
        "field_name": st.sampled_from(["Hộ tịch", "", "?"]),
        "source_system": st.sampled_from(["", "city"]),
    }
)
tables = st.lists(st.tuples(st.lists(rows, max_size=4), st.sampled_from(["2022-03", "2022-04", "2022-Q1"])), max_size=4)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_check_raises_on_no_table_and_its_findings_say_why(batch: list[tuple[list[dict[str, Any]], str]]) -> None:
    for checked in judge(*(report(*content, period=period) for content, period in batch)):
        assert (checked.verdict is Verdict.REJECTED) == any(f.severity is Severity.ERROR for f in checked.findings)
        assert all(f.message_vi and f.message_en and f.code == f.rule[0] for f in checked.findings)


@settings(max_examples=30, deadline=None)
@given(st.permutations([("2022-01", 0), ("2022-02", 3), ("2022-03", 0), ("2022-04", 1)]))
def test_the_order_of_a_batch_makes_no_difference(order: list[tuple[str, int]]) -> None:
    reports = [report(whole(pending_overdue=extra), period=period) for period, extra in order]
    assert {c.report.period_label: c.findings for c in judge(*reports)} == {
        c.report.period_label: c.findings for c in judge(*sorted(reports, key=lambda r: r.period_label))
    }
