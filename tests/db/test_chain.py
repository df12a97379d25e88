"""The chain of stocks: every unit, source system and field, across mergers and gaps, back to the first period."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from etl.warehouse.chain import find_chain
from etl.warehouse.stocks import find_neighbours
from tests.db.made import WRONG, Maker, whole

UNIT = "09577"
CENTRE = ("09574", "09577", "09595", "09592", "09601", "09586", "09604", "09589", "09607", "09598")  # until 30/06/2025
EDGE = ("09610", "09613", "09616")


def load_rows(engine: Engine, maker: Maker, unit: str, period: str, *rows: dict[str, Any]) -> None:
    maker.load(engine, f"{unit} {period}", maker.report(unit, period, rows))


def links(engine: Engine, unit: str | None = None, *, breaks_only: bool = False) -> list[dict[str, Any]]:
    with engine.connect() as conn:
        return find_chain(conn, unit=unit, breaks_only=breaks_only)


def told(engine: Engine, *columns: str, unit: str | None = None) -> list[tuple[Any, ...]]:
    return [tuple(link[column] for column in columns) for link in links(engine, unit)]


def breaks(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as conn:
        columns = "unit_code, period_key, source_system, field, previous_pending_total, carried_over, gap"
        return [tuple(row) for row in conn.execute(text(f"SELECT {columns} FROM chain_break ORDER BY 1, 2, 3, 4"))]


def test_links_every_field_and_source_system_back_to_the_first_period(engine: Engine, maker: Maker) -> None:
    for number, month in enumerate(("2022-01", "2022-02", "2022-03")):
        city = whole(10, 8, opening=2 * number) | {"source_system": "city"}
        load_rows(engine, maker, UNIT, month, whole(5, 5, opening=number), city, city | {"field": "dat-dai"})
    shown = told(engine, "source_system", "field", "period_key", "previous_key", "gap", "is_break", "is_sum")
    assert shown == [
        ("", "all", "2022-03", "2022-02", 1, True, True),
        ("", "all", "2022-02", "2022-01", 1, True, True),
        ("", "ho-tich", "2022-03", "2022-02", 1, True, False),
        ("", "ho-tich", "2022-02", "2022-01", 1, True, False),
        ("city", "all", "2022-03", "2022-02", 0, False, True),
        ("city", "all", "2022-02", "2022-01", 0, False, True),
        *(
            ("city", field, later, sooner, 0, False, False)
            for field in ("dat-dai", "ho-tich")
            for later, sooner in (("2022-03", "2022-02"), ("2022-02", "2022-01"))
        ),
    ]
    assert {(link["kind"], link["unknown_because"]) for link in links(engine)} == {("same unit", None)}
    assert breaks(engine) == [(UNIT, "2022-02", "", "ho-tich", 0, 1, 1), (UNIT, "2022-03", "", "ho-tich", 1, 2, 1)]


def test_a_field_that_vanished_or_is_new_held_nothing_where_it_is_not_printed(engine: Engine, maker: Maker) -> None:
    load_rows(engine, maker, UNIT, "2022-01", whole(5, 3), whole(4, 4) | {"field": "khac"})
    load_rows(engine, maker, UNIT, "2022-02", whole(6, 2, opening=1) | {"field": None, "field_name": "Tín ngưỡng"})
    assert breaks(engine) == [(UNIT, "2022-02", "", "Tín ngưỡng", 0, 1, 1), (UNIT, "2022-02", "", "ho-tich", 2, 0, -2)]
    assert ("khac", 0, False) in told(engine, "field", "gap", "is_break")
    assert ("all", -1, True) in told(engine, "field", "gap", "is_sum")


def test_where_one_side_does_not_divide_the_sums_are_compared(engine: Engine, maker: Maker) -> None:
    load_rows(engine, maker, UNIT, "2022-01", whole(5, 3), whole(4, 1) | {"field": "dat-dai"})
    load_rows(engine, maker, UNIT, "2022-02", whole(9, 9, opening=5) | {"field": "all"})
    load_rows(engine, maker, UNIT, "2022-03", whole(9, 9, opening=4) | {"field": "all"})
    load_rows(engine, maker, UNIT, "2022-04", whole(9, 9, opening=3), whole(1, 1, opening=3) | {"field": "khac"})
    assert told(engine, "period_key", "field", "is_sum", "previous_pending_total", "carried_over", "is_break") == [
        ("2022-04", "all", False, 4, 6, True),
        ("2022-03", "all", False, 5, 4, True),
        ("2022-02", "all", False, 5, 5, False),
    ]


def test_only_periods_of_one_kind_follow_each_other(engine: Engine, maker: Maker) -> None:
    load_rows(engine, maker, UNIT, "2022-Q1", whole(99, 9))
    load_rows(engine, maker, UNIT, "2022-04", whole(5, 5, opening=1))
    assert links(engine) == []
    load_rows(engine, maker, UNIT, "2022-Q2", whole(9, 9, opening=90))
    assert told(engine, "period_key", "previous_key", "gap") == [("2022-Q2", "2022-Q1", 0)] * 2


def test_across_a_gap_the_size_is_told_and_nothing_is_broken(engine: Engine, maker: Maker) -> None:
    load_rows(engine, maker, UNIT, "2022-01", whole(5, 3))
    load_rows(engine, maker, UNIT, "2022-05", whole(5, 5, opening=9))
    load_rows(engine, maker, UNIT, "2020-12", whole(5, 3))
    assert told(engine, "period_key", "kind", "periods_missing", "gap", "is_break")[:2] == [
        ("2022-05", "across a gap", 3, 7, False),
        ("2022-01", "across a gap", 12, -2, False),
    ]
    assert breaks(engine) == []


def test_what_is_not_reported_is_unknown_and_what_follows_from_the_balances_is_known(
    engine: Engine, maker: Maker
) -> None:
    load_rows(engine, maker, UNIT, "2022-01", {"received_total": 5, "resolved_total": 3})
    load_rows(engine, maker, UNIT, "2022-02", {"received_total": 5, "resolved_in_time": 1})
    load_rows(engine, maker, UNIT, "2022-03", whole(5, 5, opening=1))
    columns = ("field", "period_key", "previous_pending_total", "carried_over", "gap", "is_break", "unknown_because")
    silent = ("the opening stock is not reported", "the previous closing stock is not reported")
    assert [row for row in told(engine, *columns) if row[0] != "all"] == [
        ("ho-tich", "2022-03", None, 1, None, False, silent[1]),
        ("ho-tich", "2022-02", 2, None, None, False, silent[0]),
    ]
    assert breaks(engine) == []


def test_a_refused_report_is_no_link(engine: Engine, maker: Maker) -> None:
    load_rows(engine, maker, UNIT, "2022-01", whole(5, 3))
    maker.load(engine, "refused", maker.report(UNIT, "2022-02", [whole(1, 1)], WRONG))
    assert links(engine) == []


# ---------------------------------------------------------------------------------------------------------
# Mergers


def test_one_ward_made_of_whole_wards_continues_their_sum(engine: Engine, maker: Maker) -> None:
    for number, code in enumerate(("09574", "09580", "09583")):
        load_rows(engine, maker, code, "2024-11", whole(10, number))
        load_rows(engine, maker, code, "2024-12", whole(5, 5, opening=10 - number))
    load_rows(engine, maker, "09574", "2025-01", whole(4, 4, opening=26))
    load_rows(engine, maker, "09574", "2025-02", whole(4, 4, opening=26))
    (first, *_) = [link for link in links(engine, "09574") if link["period_key"] == "2025-01"]
    assert (first["kind"], first["previous_unit_name"]) == ("merger", "Lê Lợi, Ngô Quyền, Quang Trung")
    assert (first["unit_name"], str(first["unit_valid_from"]), first["gap"]) == ("Ngô Quyền", "2025-01-01", -1)
    names = list(dict.fromkeys(link["unit_name"] for link in links(engine, "09574")))
    assert names == ["Ngô Quyền", "Lê Lợi", "Quang Trung"]
    assert {link["unit_name"] for link in links(engine, "09583")} == {"Quang Trung"}
    assert breaks(engine) == [("09574", "2025-01", "", "ho-tich", 27, 26, -1)]


def test_what_the_chain_says_of_a_merger_is_what_the_check_is_told(engine: Engine, maker: Maker) -> None:
    """Predecessors may report after their successor: then the stock is known from then on."""
    load_rows(engine, maker, "09574", "2025-01", whole(4, 4, opening=26))
    key = ("09574", maker.period("2025-01"))
    for number, code in enumerate(("09574", "09580", "09583")):
        with engine.connect() as conn:
            assert find_neighbours(conn, [key], maker.reference.form).empty
        assert not [link for link in links(engine) if link["gap"] is not None]
        load_rows(engine, maker, code, "2024-12", whole(10, number))
    with engine.connect() as conn:
        assert find_neighbours(conn, [key], maker.reference.form)["pending_total"].tolist() == [27]
    assert [link["previous_pending_total"] for link in links(engine)] == [27, 27]


def test_a_member_that_has_not_reported_leaves_the_whole_group_unjudged(engine: Engine, maker: Maker) -> None:
    for code in CENTRE[:-1]:
        load_rows(engine, maker, code, "2025-06", whole(10, 8))
    for code in ("09574", "09604"):
        load_rows(engine, maker, code, "2025-07", whole(4, 4, opening=10))
    group = [link for link in links(engine) if link["kind"] == "group"]
    assert [(link["gap"], link["is_break"], link["unknown_because"]) for link in group] == [
        (None, False, "no report of Xuân Sơn")
    ] * 2
    load_rows(engine, maker, CENTRE[-1], "2025-06", whole(10, 8))
    group = [link for link in links(engine) if link["kind"] == "group"]
    assert [(link["unit_name"], link["previous_pending_total"], link["gap"]) for link in group] == [
        ("Sơn Tây, Tùng Thiện", 20, 0)
    ] * 2


def test_a_part_that_left_the_town_makes_the_closing_stock_a_bound(engine: Engine, maker: Maker) -> None:
    for code in EDGE:
        load_rows(engine, maker, code, "2025-06", whole(10, 8), whole(5, 4) | {"field": "dat-dai"})
    load_rows(engine, maker, "09616", "2025-07", whole(4, 4, opening=4), whole(1, 1, opening=5) | {"field": "dat-dai"})
    outside = [link for link in links(engine, "09616") if link["kind"] == "outside"]
    assert [(link["field"], link["gap"], link["is_break"]) for link in outside] == [
        ("all", 0, False),
        ("dat-dai", 2, True),
        ("ho-tich", -2, False),
    ]
    assert outside[0]["previous_unit_name"] == "Kim Sơn, Sơn Đông, Cổ Đông"


def test_a_group_may_lie_across_a_gap(engine: Engine, maker: Maker) -> None:
    for code in EDGE:
        load_rows(engine, maker, code, "2025-05", whole(10, 8))
    load_rows(engine, maker, "09616", "2025-08", whole(4, 4, opening=99))
    assert told(engine, "kind", "periods_missing", "gap", "is_break") == [("across a gap", 2, 93, False)] * 2


counts = st.integers(0, 9)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.lists(counts, min_size=10, max_size=10), st.integers(0, 90))
def test_a_group_that_hands_over_all_it_held_breaks_nowhere(
    engine: Engine, maker: Maker, held: list[int], first: int
) -> None:
    """However the dossiers of a split group are shared out among its successors, none are lost and none are found."""
    with engine.begin() as conn:
        moment = conn.execute(text("SELECT count(*) FROM submission")).scalar_one()
    for code, stock in zip(CENTRE, held, strict=True):
        maker.load(engine, f"{moment} {code}", maker.report(code, "2025-06", [whole(stock, 0)]), hours=moment)
    share = min(first, sum(held))
    for code, opening in (("09574", share), ("09604", sum(held) - share)):
        maker.load(engine, f"{moment} {code} new", maker.report(code, "2025-07", [whole(1, 1, opening)]), hours=moment)
    group = [link for link in links(engine) if link["kind"] == "group"]
    assert {(link["previous_pending_total"], link["gap"]) for link in group} == {(sum(held), 0)}
