"""The town's suite on real datasets, and the reports of longer periods beside those of their months."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from etl.check_town import check_town, find_holding
from etl.model import Severity
from etl.reference import read_reference
from etl.town import build_town
from etl.warehouse.cumulative import find_cumulative
from tests.db.made import Maker, whole
from tests.db.towns import make_settings, send_samples

QUARTER = ("2022-01", "2022-02", "2022-03")


def find(engine: Engine, maker: Maker, period: str) -> pd.DataFrame:
    with engine.connect() as conn:
        return find_cumulative(conn, maker.reference, maker.period(period))


def load(
    engine: Engine, maker: Maker, period: str, *rows: dict[str, Any], unit: str = "09577", hours: float = 0
) -> None:
    maker.load(engine, f"{unit} {period} {hours}", maker.report(unit, period, rows), hours=hours)


def load_months(engine: Engine, maker: Maker, unit: str = "09577") -> None:
    """Load three months that resolve 8 of 10 each, and hold 3, 5, 7, 9."""
    for at, month in enumerate(QUARTER):
        load(engine, maker, month, whole(10, 8, opening=3 + 2 * at, late=1), unit=unit)


def differing(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    wrong = table[(table["reported"] != table["months"]).fillna(False)]
    pairs = zip(wrong["reported"], wrong["months"], strict=True)
    return dict(zip(wrong["measure"], ((int(one), int(other)) for one, other in pairs), strict=True))


def test_a_quarter_is_held_against_its_months_by_flows_and_stocks(engine: Engine, maker: Maker) -> None:
    load_months(engine, maker)
    load(engine, maker, "2022-Q1", whole(30, 24, opening=3, late=3))
    table = find(engine, maker, "2022-02")
    assert differing(table) == {}
    figures = table.set_index("measure")["months"]
    assert figures[["received_in_period", "resolved_overdue", "carried_over", "pending_total"]].tolist() == [
        30,
        3,
        3,
        9,
    ]
    assert set(table["period_key"]) == {"2022-Q1"} and set(table["unit_name"]) == {"phường Phú Thịnh"}
    assert "received_total" not in figures.index, "it follows from the others"
    load(engine, maker, "2022-Q1", whole(30, 23, opening=3, late=3), hours=1)
    assert differing(find(engine, maker, "2022-03")) == {
        "resolved_total": (23, 24), "resolved_in_time": (20, 21), "pending_total": (10, 9), "pending_in_time": (10, 9),
    }  # fmt: skip


def test_only_what_shares_days_and_is_whole_is_compared(engine: Engine, maker: Maker) -> None:
    load_months(engine, maker)
    load(engine, maker, "2022-Q1", whole(30, 24, opening=3))
    load(engine, maker, "2022-H1", whole(99, 24, opening=3))
    load(engine, maker, "2022-Q1", whole(30, 24, opening=3), unit="09580")
    load(engine, maker, "2022-01", whole(30, 24, opening=3), unit="09580")
    both = find(engine, maker, "2022-Q1")
    assert set(both["period_key"]) == {"2022-Q1"} and set(both["unit_code"]) == {"09577"}
    assert find(engine, maker, "2022-04").empty and find(engine, maker, "2021-12").empty


def test_rows_of_a_report_are_added_and_a_row_for_all_fields_stands_for_them(engine: Engine, maker: Maker) -> None:
    load_months(engine, maker)
    load(engine, maker, "2022-02", whole(4, 4, opening=5), whole(6, 4) | {"field": "dat-dai"}, hours=1)
    load(engine, maker, "2022-03", whole(10, 8, opening=7) | {"field": "all"}, whole(9, 9), hours=1)
    load(engine, maker, "2022-Q1", {"received_in_period": 30, "resolved_total": 24})
    table = find(engine, maker, "2022-Q1")
    assert differing(table) == {}
    known = table[table["reported"].notna() & table["months"].notna()]
    assert {"received_in_period", "resolved_total"} <= set(known["measure"])


def test_a_quarter_that_contradicts_its_months_is_a_warning_or_holds(engine: Engine, maker: Maker) -> None:
    load_months(engine, maker)
    load(engine, maker, "2022-Q1", whole(30, 23, opening=3, late=2))
    strict = replace(maker.reference.town, severities={"T.cumulative": Severity.ERROR})
    with engine.connect() as conn:
        dataset = build_town(conn, maker.reference, [maker.period("2022-03")])
    table = find(engine, maker, "2022-03")
    found = check_town(dataset, maker.reference, cumulative=table)
    assert {finding.rule for finding in found} == {"T.cumulative"} and find_holding(found) == ()
    assert any("resolved, total, reported for the whole, is 23" in finding.message_en for finding in found)
    held = check_town(dataset, replace(maker.reference, town=strict), cumulative=table)
    assert find_holding(held) == held and len(held) == len(found)


@pytest.mark.parametrize("is_recast", [False, True])
def test_the_samples_pass_with_no_finding(engine: Engine, tmp_path: Path, is_recast: bool) -> None:
    settings = make_settings(engine, tmp_path, {})
    folders = sorted(path.name for path in (Path("samples/2022-01/1-first")).iterdir())
    send_samples(settings, *(f"2022-01/1-first/{name}" for name in folders))
    reference = read_reference(settings.reference)
    january = reference.town.calendar.month(2022, 1)
    with engine.connect() as conn:
        dataset = build_town(conn, reference, [january], units_of=january.end if is_recast else None)
        cumulative = find_cumulative(conn, reference, january)
    town = dataset.frame[dataset.frame["scope"] == "town"]
    assert town["units_in"].min() > 10
    assert check_town(dataset, reference, months=pd.DataFrame(columns=["scope"]), cumulative=cumulative) == ()
