"""The operator's list: ordered by effect and suspicion, each thing once, nothing that was accepted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from etl.model import Finding, Language, Severity
from etl.reference import read_reference
from etl.review import Weighed, compose_review, effect_of, render_chain, render_review, suspicion_of
from etl.rules import compose_finding
from etl.successions import find_groups
from etl.tell_chain import compose_break_findings, why_words

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")


def finding(rule: str, found: str | None = None, expected: str | None = None, **more: Any) -> Finding:
    place = {"unit": "09577", "period": "2022-04", "field": "ho-tich"}
    return compose_finding(rule, found=found, expected=expected, **(place | more))


def link(**changed: Any) -> dict[str, Any]:
    """Make a link of a chain that breaks."""
    first = REFERENCE.succession_groups[-1]
    usual = {
        "unit_code": "09616",
        "unit_name": "Đoài Phương",
        "unit_valid_from": first.on_date,
        "period_key": "2025-07",
        "source_system": "",
        "field": "ho-tich",
        "is_sum": False,
        "carried_over": 9,
        "previous_unit_name": "Kim Sơn, Sơn Đông, Cổ Đông",
        "previous_key": "2025-06",
        "previous_pending_total": 6,
        "gap": 3,
        "kind": "outside",
        "periods_missing": 0,
        "is_break": True,
        "unknown_because": None,
    }
    return usual | changed


def test_effect_times_suspicion_decides() -> None:
    question = Weighed(finding("H.ratio", "1240", "112", measure="received_in_period"), 3.0)
    proposed = finding("B.resolved", "900", "500", suggestion={"measure": "resolved_total", "value": 500})
    open_ones = [finding("C.roll-forward", "4", "2"), proposed, finding("L.late"), finding("V.blank")]
    rows = compose_review(open_ones, questions=[question])
    told = [(row["rule"], row["effect"], row["suspicion"], row["weight"]) for row in rows]
    assert told == [
        ("H.ratio", 1128, 3.0, 3384),
        ("B.resolved", 400, 3.0, 1200),
        ("C.roll-forward", 2, 1.0, 2),
        ("V.blank", 0, 0.5, 0),
        ("L.late", 0, 0.1, 0),
    ]


def test_a_refused_report_weighs_all_that_its_unit_usually_reports() -> None:
    errors = [finding("S.period-missing"), finding("B.resolved", "9", "8")]
    assert [effect_of(error, {}) for error in errors] == [0, 1]
    assert [effect_of(error, {"09577": 130}) for error in errors] == [130, 130]
    assert effect_of(finding("C.roll-forward", "9", "8"), {"09577": 130}) == 1
    assert effect_of(finding("B.flow", "10", "≥ 13"), {}) == 3
    assert effect_of(finding("C.field-vanished", "4"), {}) == 4


def test_a_proposal_makes_an_error_worth_a_look() -> None:
    one, two = {"measure": "x", "value": 1}, {"either": [{}, {}]}
    errors = [finding("B.flow", suggestion=one), finding("B.flow", suggestion=two), finding("B.flow")]
    assert [suspicion_of(error) for error in errors] == [3.0, 2.5, 2.0]


def test_each_thing_is_listed_once_and_what_was_accepted_not_at_all() -> None:
    stored = [finding("H.ratio", "99", "9"), finding("C.field-vanished", "4"), replace(finding("V.blank"), waiver_no=1)]
    fresh = Weighed(finding("H.ratio", "99", "10"), 1.5)
    again = finding("C.roll-forward", "0", "4")
    other = finding("C.roll-forward", "5", "4", field="dat-dai")
    rows = compose_review(stored, questions=[fresh], breaks=[again, other])
    assert [(row["rule"], row["field"]) for row in rows] == [
        ("H.ratio", "ho-tich"),
        ("C.field-vanished", "ho-tich"),
        ("C.roll-forward", "dat-dai"),
    ]
    assert rows[0]["expected"] == "10"
    waived = replace(finding("H.ratio", "99", "10"), waiver_no=2)
    assert compose_review([waived], questions=[fresh]) == []


@given(st.permutations([finding("B.flow", str(n), "5", unit=str(n % 3)) for n in range(6)]))
def test_the_order_of_the_findings_makes_no_difference(shuffled: list[Finding]) -> None:
    assert compose_review(shuffled) == compose_review(sorted(shuffled, key=lambda f: f.found or ""))


def test_a_group_says_both_sums_and_why_only_the_whole_can_be_compared() -> None:
    (told,) = compose_break_findings([link(), link(is_break=False), link(is_sum=True)], REFERENCE)
    assert (told.rule, told.severity, told.found, told.expected) == ("C.group", Severity.WARNING, "9", "≤ 6")
    assert told.message_vi == (
        "Nhóm Đoài Phương. Lĩnh vực Hộ tịch: Từ kỳ trước chuyển qua của Đoài Phương cộng lại là 9, nhưng Tổng số đang"
        " giải quyết kỳ 2025-06 của Kim Sơn, Sơn Đông, Cổ Đông cộng lại là 6, nên nhiều nhất chỉ có thể bằng đó."
        " Chênh 3. Cổ Đông chia cho Đoài Phương và Hòa Lạc (ngoài thị xã) nên chỉ so được cả nhóm."
    )
    assert told.message_en.endswith(
        "Cổ Đông was divided between Đoài Phương and Hòa Lạc (outside the town),"
        " so only the whole group can be compared."
    )


def test_a_group_that_was_split_inside_the_town_must_be_equal() -> None:
    centre = link(unit_name="Sơn Tây, Tùng Thiện", kind="group", carried_over=4, gap=-2)
    (told,) = compose_break_findings([centre], REFERENCE)
    assert told.expected == "6" and "Trung Hưng chia cho Sơn Tây và Tùng Thiện; " in told.message_vi
    inside = tuple(u for u in REFERENCE.units if u.name != "Kim Sơn")
    *_, from_outside = find_groups(REFERENCE.successions, inside)
    assert from_outside.comes_from_outside and why_words(None) == ("", "")


def test_a_merger_is_told_of_its_one_successor() -> None:
    (told,) = compose_break_findings([link(kind="merger", unit_name="Ngô Quyền", field="all")], REFERENCE)
    assert told.rule == "C.roll-forward" and told.found == "9" and told.expected == "6"
    assert "của kỳ trước (Kim Sơn, Sơn Đông, Cổ Đông) là 6" in told.message_vi


def test_both_lists_are_written_in_both_languages() -> None:
    rows = compose_review([finding("B.flow", "1", "1001")])
    vi, en = (render_review(rows, REFERENCE, language) for language in Language)
    assert "1.000 × 2,0" in vi and "phường Phú Thịnh, tháng 4/2022  [B.flow]" in vi
    assert "1,000 × 2.0" in en and "April 2022" in en
    assert (render_review([], REFERENCE, Language.VI), render_review([], REFERENCE, Language.EN)) == (
        "Không có gì cần xem.",
        "Nothing is open.",
    )
    gap = link(is_break=False, periods_missing=2, kind="across a gap", period_key="2025-09")
    unknown = link(gap=None, carried_over=None, is_break=False, unknown_because="no report of Kim Sơn")
    vi, en = (render_chain([link(), gap, unknown], REFERENCE, language) for language in Language)
    assert vi.splitlines()[0] == "Đoài Phương: Hộ tịch" and "ĐỨT +3" in vi and "thiếu 2 kỳ, +3" in vi
    assert "BREAK +3" in en and "unknown: no report of Kim Sơn" in en and "6 → –" in en
