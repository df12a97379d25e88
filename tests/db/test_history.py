"""Questions about history and the operator's list, from what the warehouse knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from etl.db import store_reference
from etl.installation import Installation
from etl.model import Finding
from etl.operator_lists import build_review
from etl.rules import compose_finding
from etl.settings import Settings
from etl.warehouse.history import find_history, find_history_warnings
from etl.warehouse.readings import build_reading
from tests.db.made import WRONG, Maker, whole

UNIT, OTHER = "09577", "09589"
USUAL = (104, 96, 131, 118, 99, 122, 110, 107, 125, 113, 101, 120)
MONTHS = [f"{year}-{month:02}" for year in (2021, 2022, 2023) for month in range(1, 13)]


def load_months(engine: Engine, maker: Maker, unit: str, figures: tuple[int, ...]) -> None:
    for month, received in zip(MONTHS, figures, strict=False):
        maker.load(engine, f"{unit} {month}", maker.report(unit, month, [whole(received, received)]))


def warnings(engine: Engine, maker: Maker, period: str) -> list[Finding]:
    with engine.connect() as conn:
        return list(find_history_warnings(conn, maker.reference, maker.period(period)))


def review(engine: Engine, maker: Maker, period: str) -> list[tuple[Any, ...]]:
    here = Installation(Settings.from_env({}), maker.reference, engine)
    with engine.connect() as conn:
        rows = build_review(conn, here, maker.period(period))
    return [(row["unit"], row["rule"], row["effect"]) for row in rows]


def test_finds_the_past_of_a_unit_and_no_other_kind_of_period(engine: Engine, maker: Maker) -> None:
    load_months(engine, maker, UNIT, USUAL[:4])
    maker.load(engine, "quarter", maker.report(UNIT, "2021-Q1", [whole(999, 1)]))
    maker.load(engine, "other", maker.report(OTHER, "2021-02", [whole(7, 7)]))
    maker.load(engine, "refused", maker.report(UNIT, "2021-05", [whole(1, 1)], WRONG))
    with engine.connect() as conn:
        found = find_history(conn, [(UNIT, maker.period("2021-04"))], maker.reference.form)
        nothing = find_history(conn, [], maker.reference.form)
    columns = ["unit", "period", "start", "source_system", "field", "received_in_period", "resolved_total"]
    assert list(found.columns) == columns == list(nothing.columns) and nothing.empty
    assert found["received_in_period"].tolist() == [104, 96, 131, 118]
    assert set(found["unit"]) == {UNIT} and found["period"].tolist() == MONTHS[:4]


def test_a_unit_has_only_its_own_past_and_at_most_two_years(engine: Engine, maker: Maker) -> None:
    for month in ("2024-12", "2025-01"):
        maker.load(engine, month, maker.report("09574", month, [whole(5, 5)]))
    load_months(engine, maker, UNIT, USUAL * 3)
    form = maker.reference.form
    with engine.connect() as conn:
        new = find_history(conn, [("09574", maker.period("2025-01"))], form)
        long = find_history(conn, [(UNIT, maker.period("2023-12"))], form)
    assert (new["unit"].tolist(), new["period"].tolist()) == (["09574 2025-01-01"], ["2025-01"])
    assert len(long) == 25


@pytest.mark.parametrize("is_backwards", [False, True])
def test_the_questions_do_not_depend_on_the_order_of_arrival(engine: Engine, maker: Maker, is_backwards: bool) -> None:
    months = list(zip(MONTHS, (*USUAL, 1240), strict=False))
    for month, received in reversed(months) if is_backwards else months:
        maker.load(engine, month, maker.report(UNIT, month, [whole(received, received)]))
    (question,) = warnings(engine, maker, "2022-01")
    assert (question.unit, question.period, question.field, question.found) == (UNIT, "2022-01", "ho-tich", "1240")
    assert question.message_vi == (
        "Lĩnh vực Hộ tịch: Tiếp nhận trong kỳ ghi 1.240; 12 kỳ gần đây của đơn vị thường ở khoảng 99–125."
        " Nếu đúng thì không phải làm gì; nếu gõ nhầm, xin sửa và gửi lại."
    )
    assert warnings(engine, maker, "2021-12") == [] == warnings(engine, maker, "2021-03")


def test_a_question_is_no_part_of_what_a_reading_says(maker: Maker) -> None:
    def said(*findings: Finding) -> str:
        return build_reading(
            [maker.report(UNIT, "2022-01", [whole(5, 5)], *findings)], maker.reference.form
        ).fingerprint

    question, blank = compose_finding("H.ratio", found="9"), compose_finding("V.blank")
    assert said() == said(question) and said(blank) == said(blank, question) != said()


def test_the_list_of_a_period_weighs_what_is_stored_and_what_follows(engine: Engine, maker: Maker) -> None:
    wrong = replace(WRONG, unit=OTHER, period="2022-01")
    load_months(engine, maker, UNIT, (*USUAL, 1240))
    load_months(engine, maker, OTHER, USUAL)
    maker.load(engine, "refused", maker.report(OTHER, "2022-01", [whole(9, 8)], wrong))
    maker.load(engine, "december", maker.report("09592", "2021-12", [whole(9, 8)]))
    maker.load(engine, "january", maker.report("09592", "2022-01", [whole(9, 8)]))
    assert review(engine, maker, "2022-01") == [
        (UNIT, "H.ratio", 1128),
        (OTHER, "B.resolved", 112),
        ("09592", "C.roll-forward", 1),
    ]


def test_a_split_group_is_on_the_towns_list(engine: Engine, maker: Maker) -> None:
    with engine.begin() as conn:
        store_reference(conn, maker.reference)
    for code in ("09610", "09613", "09616"):
        maker.load(engine, code, maker.report(code, "2025-06", [whole(10, 8)]))
    maker.load(engine, "new", maker.report("09616", "2025-07", [whole(1, 1, opening=50)]))
    assert review(engine, maker, "2025-07") == [("09616", "C.group", 44)]
