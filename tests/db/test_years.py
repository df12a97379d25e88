"""The samples of almost five years in a real warehouse: all taken in, every stock handed on through both reforms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from etl import commands
from etl.embedded import EmbeddedServer
from etl.estimate import estimate_missing
from etl.forms import OverTime
from etl.periods import parse_period
from etl.reference import Reference
from etl.settings import CHECKOUT
from etl.town import build_town
from etl.town_dataset import TownDataset
from etl.warehouse.chain import find_chain
from etl.warehouse.past import read_past
from samples.figures import build_figures, sum_of
from samples.year_figures import FOUND, UNSENT, build_years
from tests.db.conftest import make_database
from tests.db.towns import make_settings

TODAY = date(2026, 10, 14)
WHOLE_SPAN, UNBROKEN_SPAN = ("2022-01", "2026-10"), ("2023-09", "2026-10")  # the second one after the missing report


@pytest.fixture(scope="module")
def warehouse(server: EmbeddedServer, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Load all samples once: the four months as they were sent, then a table a year. Nobody is late for any."""
    for engine in make_database(server, migrated):
        home = tmp_path_factory.mktemp("years")
        settings = make_settings(engine, home, {"in_use_since: 2026-01-01": "in_use_since: 2027-01-01"})
        commands.submit(settings, sorted((CHECKOUT / "samples").glob("2022-*/*/*/*")))
        for table in sorted((CHECKOUT / "samples" / "years").glob("*.csv")):
            commands.submit(settings, [table])
        yield engine


def build(engine: Engine, reference: Reference, first: str, last: str, *, units_of: date | None = None) -> TownDataset:
    calendar = reference.town.calendar
    span = parse_period(f"{first}/{last}", calendar)
    assert span
    with engine.connect() as conn:
        return build_town(conn, reference, calendar.months_of(span), units_of=units_of)


def links(engine: Engine, *, breaks_only: bool = False) -> list[dict[str, Any]]:
    with engine.connect() as conn:
        return find_chain(conn, breaks_only=breaks_only)


def wholes(dataset: TownDataset, *scopes: str) -> pd.DataFrame:
    """Give the lines of these scopes that sum up all fields and source systems."""
    frame = dataset.frame
    return frame[frame["scope"].isin(scopes) & (frame["field"] == "all") & (frame["source_system"] == "all")]


def measures(reference: Reference, *kinds: OverTime) -> list[str]:
    """List the measures of these kinds that every edition of the samples prints."""
    unprinted = {"received_online", "received_direct", "resolved_early", "resolved_on_time"}
    return [m.name for m in reference.form.measures if m.over_time in kinds and m.name not in unprinted]


def test_everything_is_taken_in_but_the_report_that_never_came(warehouse: Engine, reference: Reference) -> None:
    coverage = build(warehouse, reference, *WHOLE_SPAN).coverage
    owed = coverage[coverage["expected"]]
    missing = owed[owed["status"] == "missing"]
    assert list(zip(missing["unit_code"], missing["period_key"], strict=True)) == [UNSENT]
    assert owed["status"].str.startswith("accepted").sum() == len(owed) - 1 == 64 + 643


def test_the_chain_breaks_where_the_readme_says_and_nowhere_else(warehouse: Engine) -> None:
    told = [(x["unit_code"], x["period_key"], x["field"], x["gap"]) for x in links(warehouse, breaks_only=True)]
    assert told == [FOUND]


def test_a_stock_differs_only_across_the_missing_month_and_where_a_part_left_the_town(warehouse: Engine) -> None:
    every = links(warehouse)
    uneven = {(x["kind"], x["unit_name"], x["period_key"]) for x in every if x["gap"] != 0 and not x["is_break"]}
    assert uneven == {("across a gap", "Xuân Sơn", "2023-09"), ("outside", "Đoài Phương", "2025-07")}
    assert all(x["gap"] <= 0 for x in every if x["kind"] == "outside")
    across = [x for x in every if x["kind"] in ("merger", "group", "outside")]
    handed_on = {(x["kind"], x["unit_name"], x["previous_unit_name"]) for x in across}
    assert handed_on == {
        ("merger", "Ngô Quyền", "Lê Lợi, Ngô Quyền, Quang Trung"),
        ("group", "Sơn Tây, Tùng Thiện", group_names(every)),
        ("outside", "Đoài Phương", "Kim Sơn, Sơn Đông, Cổ Đông"),
    }


def group_names(every: list[dict[str, Any]]) -> str:
    """Give the ten predecessors of Sơn Tây and Tùng Thiện, as the chain names them."""
    (names,) = {str(x["previous_unit_name"]) for x in every if x["kind"] == "group"}
    assert len(names.split(", ")) == 10 and {"Trung Hưng", "Sơn Lộc", "Thanh Mỹ"} < set(names.split(", "))
    return names


def test_recast_figures_are_those_of_three_groups(warehouse: Engine, reference: Reference) -> None:
    recast = build(warehouse, reference, *WHOLE_SPAN, units_of=TODAY)
    groups = wholes(recast, "group").set_index("unit_code")
    assert groups["unit_name"].to_dict() == {
        "09574 + 09604": "phường Sơn Tây + phường Tùng Thiện",
        "09616": "xã Đoài Phương",
        "269": "Bộ phận một cửa thị xã Sơn Tây",
    }
    assert groups["units_expected"].tolist() == [15, 4, 1]
    assert recast.outside == ("09616",)


@pytest.mark.parametrize("span", [WHOLE_SPAN, UNBROKEN_SPAN, ("2024-12", "2025-01"), ("2025-06", "2025-07")])
def test_flows_are_the_same_in_groups_in_wards_and_in_the_town(
    warehouse: Engine, reference: Reference, span: tuple[str, str]
) -> None:
    recast = build(warehouse, reference, *span, units_of=TODAY)
    flows = measures(reference, OverTime.FLOW)
    groups = wholes(recast, "group")[flows].sum(skipna=False)
    wards = wholes(build(warehouse, reference, *span), "ward")[flows].sum()  # a ward without any report says nothing
    (town,) = wholes(recast, "town")[flows].to_dict("records")
    assert groups.to_dict() == wards.to_dict() == town
    assert min(town.values()) > 0


@pytest.mark.parametrize("span", [WHOLE_SPAN, UNBROKEN_SPAN, ("2024-12", "2025-01")])
def test_stocks_are_the_same_in_groups_in_wards_and_in_the_town(
    warehouse: Engine, reference: Reference, span: tuple[str, str]
) -> None:
    recast, as_were = build(warehouse, reference, *span, units_of=TODAY), build(warehouse, reference, *span)
    for kind, month in zip((OverTime.OPENING, OverTime.CLOSING), span, strict=True):
        stocks = measures(reference, kind)
        coverage = as_were.coverage[as_were.coverage["expected"] & (as_were.coverage["period_key"] == month)]
        there = wholes(as_were, "ward").merge(coverage[["unit_code", "unit_name"]], on=["unit_code", "unit_name"])
        groups = wholes(recast, "group")
        alive = groups if span[1] < "2025-07" or kind is OverTime.OPENING else groups[groups["unit_code"] != "269"]
        (town,) = wholes(recast, "town")[stocks].to_dict("records")
        assert alive[stocks].sum().to_dict() == there[stocks].sum().to_dict() == town
        assert len(there) == len(coverage)


def test_a_group_of_wholes_conserves_every_dossier_and_one_with_a_part_outside_says_what_left(
    warehouse: Engine, reference: Reference
) -> None:
    """Lê Lợi, Ngô Quyền and Quang Trung went wholly into one ward, that into Sơn Tây; a part of Cổ Đông left."""
    recast = build(warehouse, reference, *UNBROKEN_SPAN, units_of=TODAY)
    kept, torn, desk = wholes(recast, "group").to_dict("records")
    adjustments = recast.adjustments[
        (recast.adjustments["field"] == "all") & (recast.adjustments["source_system"] == "all")
    ]
    amounts = dict(zip(adjustments["kind"], adjustments["amount"], strict=True))
    assert (kept["adjustment"], torn["adjustment"]) == (FOUND[3], amounts["succession"])
    assert amounts["succession"] < 0
    assert amounts["left"] == -desk["pending_total"] < 0
    (town,) = wholes(recast, "town").to_dict("records")
    flow = town["carried_over"] + town["received_in_period"] - town["resolved_total"]
    assert flow + sum(amounts.values()) == town["pending_total"] == kept["pending_total"] + torn["pending_total"]


def test_whole_mergers_alone_make_one_ward_of_three(warehouse: Engine, reference: Reference) -> None:
    recast = build(warehouse, reference, "2024-11", "2025-02", units_of=date(2025, 6, 14))
    ward = wholes(recast, "group").set_index("unit_code").loc["09574"]
    parts = wholes(build(warehouse, reference, "2024-11", "2025-02"), "ward")
    names = ["phường Lê Lợi", "phường Ngô Quyền", "phường Quang Trung"]
    parts = parts[parts["unit_name"].isin(names) & parts["unit_code"].isin(["09574", "09580", "09583"])]
    assert len(parts) == 4  # Ngô Quyền was a ward before the merger, and is the name of the one after
    assert (ward["unit_name"], ward["adjustment"]) == ("phường Ngô Quyền", 0)
    assert ward["received_in_period"] == parts["received_in_period"].sum()


def test_the_report_that_never_came_is_estimated_from_those_around_it(warehouse: Engine, reference: Reference) -> None:
    dataset = build(warehouse, reference, UNSENT[1], UNSENT[1])
    with warehouse.connect() as conn:
        table = estimate_missing(dataset, read_past(conn, reference, dataset), reference)
        unknown = estimate_missing(
            dataset, read_past(conn, reference, dataset, as_of=datetime(2020, 1, 1, tzinfo=UTC)), reference
        )
    ward, town = (
        {row["measure"]: row for row in table[table["scope"] == scope].to_dict("records")} for scope in ("ward", "town")
    )
    truth = build_years(reference, build_figures())[UNSENT]
    for stock in ("carried_over", "pending_total"):
        assert [ward[stock][name] for name in ("low", "estimate", "high")] == [sum_of(truth, stock)] * 3
    received = sum_of(truth, "received_in_period")
    assert ward["received_in_period"]["low"] <= received <= ward["received_in_period"]["high"]
    (known,) = wholes(dataset, "town").to_dict("records")
    assert town["received_total"]["known"] == known["received_total"]
    assert town["received_total"]["estimate"] == known["received_total"] + ward["received_total"]["estimate"]
    assert len(unknown) == len(table) and unknown["estimate"].isna().all()
