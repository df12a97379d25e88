"""The star that analysts read: its sums are the town's, its dimensions know every key, and old wards find today's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from etl.db import store_reference
from etl.recast import find_groups_of
from etl.reference import Reference
from tests.db.made import ODD, WRONG, Maker, whole
from tests.db.test_town import DESK, IN_ONE_DATABASE, UNSHRUNK, build, counts, everybody, line, load_all

WARDS = ("09577", "09589", "09592", DESK)
COUNTS = ["units_expected", "units_in", "units_rejected", "units_missing", "units_late", "units_waived"]


def read(engine: Engine, statement: str, **named: Any) -> pd.DataFrame:
    """Read as the role `reader`, which sees the star and no table."""
    with engine.connect() as conn:
        conn.execute(text("SET ROLE reader"))
        return pd.read_sql(text(statement), conn, params=named)


def read_sums(engine: Engine, maker: Maker, period: str, by: str) -> pd.DataFrame:
    """Sum the fact as the page tells to. *Missing*: <NA> where a line does not say."""
    names = maker.reference.form.measure_names
    sums = ", ".join(f"CASE WHEN count(*) = count({m}) THEN sum({m}) END AS {m}" for m in names)
    statement = (
        f"SELECT {by}, {sums} FROM fact_figure JOIN dim_unit USING (unit_key) WHERE period_key = :period GROUP BY {by}"
    )
    return read(engine, statement, period=period).set_index(by.split(", ")).astype("Int64")


# ---------------------------------------------------------------------------------------------------------
# Figures

rows = st.tuples(
    st.sampled_from(["ho-tich", "dat-dai", None]),
    st.sampled_from(["", "city"]),
    st.builds(whole, counts, st.just(0), counts),
    st.sets(st.sampled_from(["received_total", "received_in_period", "carried_over", "pending_total"])),
)
undivided = rows.map(lambda row: [("all", *row[1:])])
reports = undivided | st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: row[:2])


@settings(max_examples=25, deadline=None, suppress_health_check=IN_ONE_DATABASE, phases=UNSHRUNK)
@given(reported=st.dictionaries(st.sampled_from(WARDS), reports, min_size=1))
def test_sums_of_the_fact_are_the_towns(engine: Engine, maker: Maker, reported: dict[str, Any]) -> None:
    with engine.begin() as conn:
        hours = conn.execute(text("SELECT count(*) FROM submission")).scalar_one()
    for unit in WARDS:
        given_rows = [
            {name: count for name, count in row.items() if name not in left_out}
            | {"field": field, "source_system": system}
            for field, system, row, left_out in reported.get(unit, [("ho-tich", "", whole(0, 0), set())])
        ]
        maker.load(engine, f"{hours} {unit}", maker.report(unit, "2022-04", given_rows), hours=hours)
    town = build(engine, maker, "2022-04")
    by_desk, by_field = (read_sums(engine, maker, "2022-04", by) for by in ("is_desk", "field"))
    pairs = [(line(town, "desk"), by_desk.loc[True]), (line(town, "wards"), by_desk.loc[False])]
    lines = {field for rows in reported.values() for field, *_ in rows} - {"all"}
    is_divided = not any(field == "all" for rows in reported.values() for field, *_ in rows)
    pairs += [
        (line(town, "town", field or "unlisted", source_system="all"), by_field.loc[field or "unlisted"])
        for field in lines
        if is_divided
    ]
    for built, summed in pairs:
        for measure in maker.reference.form.measure_names:  # the dataset completes its sums once more
            assert pd.isna(summed[measure]) or summed[measure] == built[measure], measure
            assert not pd.isna(built[measure]) or pd.isna(summed[measure]), measure


def test_a_line_for_each_field_a_report_prints_and_the_whole_where_it_does_not_divide(
    engine: Engine, maker: Maker
) -> None:
    divided = [whole(5, 5), whole(4, 4) | {"field": None, "field_name": "Tín ngưỡng"}]
    undivided_too = [whole(9, 9) | {"field": "all"}, whole(3, 3)]
    maker.load(engine, "a", maker.report("09577", "2022-04", divided))
    maker.load(engine, "b", maker.report("09589", "2022-04", undivided_too))
    maker.load(engine, "c", maker.report("09592", "2022-04", [whole(7, 7)], WRONG))
    found = read(engine, "SELECT unit_key, field, received_total, is_late FROM fact_figure ORDER BY 1, 2")
    assert [tuple(row)[:3] for row in found.itertuples(index=False)] == [
        ("09577", "ho-tich", 5),
        ("09577", "unlisted", 4),
        ("09589", "all", 9),
    ]
    assert found["is_late"].isna().all()


def test_a_unit_that_no_longer_existed_is_in_no_sum(engine: Engine, maker: Maker) -> None:
    reference = maker.reference
    load_all(engine, maker, "2022-04", whole(10, 8))
    closed = tuple(replace(u, valid_to=date(2022, 1, 31)) if u.code == "09577" else u for u in reference.units)
    kept = tuple(s for s in reference.successions if s.from_code != "09577")
    later = replace(reference, units=closed, successions=kept)
    with engine.begin() as conn:
        store_reference(conn, later)
    seen = read(engine, "SELECT sum(received_total) AS received FROM fact_figure")
    assert (
        int(seen["received"].iloc[0]) == 150 == line(build(engine, Maker(later), "2022-04"), "town")["received_total"]
    )
    odd = read(engine, "SELECT * FROM fact_coverage WHERE unit_key = '09577'").iloc[0]
    assert odd["status"] == "accepted" and [odd[name] for name in ("units_expected", "units_in")] == [0, 0]


# ---------------------------------------------------------------------------------------------------------
# Coverage


def test_coverage_adds_up_to_that_of_the_town(engine: Engine, reference: Reference) -> None:
    maker = Maker(replace(reference, town=replace(reference.town, in_use_since=None)))
    due = maker.reference.town.due_at(maker.period("2022-04"))
    assert due
    late = (due - maker.submission("x").received_at) / timedelta(hours=1) + 1
    for code in everybody(maker, "2022-04"):
        findings = {"09577": [WRONG], "09589": [ODD]}.get(code, [])
        if code != "09592":
            report = maker.report(code, "2022-04", [whole(10, 8)], *findings)
            maker.load(engine, code, report, hours=late if code in ("09595", DESK) else 0)
    sums = ", ".join(f"sum({name}) AS {name}" for name in COUNTS)
    seen = read(engine, f"SELECT is_desk, {sums} FROM fact_coverage JOIN dim_unit USING (unit_key) GROUP BY is_desk")
    town = build(engine, maker, "2022-04")
    for is_desk, scope in ((False, "wards"), (True, "desk")):
        own = seen[seen["is_desk"] == is_desk].iloc[0]
        assert [int(own[name]) for name in COUNTS] == [int(line(town, scope)[name]) for name in COUNTS]
    assert [int(n) for n in seen.set_index("is_desk").loc[False]] == [15, 13, 1, 1, 1, 0]


def test_nobody_is_late_or_in_time_for_history(engine: Engine, maker: Maker, reference: Reference) -> None:
    load_all(engine, maker, "2022-04", whole(10, 8))
    assert read(engine, "SELECT units_late FROM fact_coverage")["units_late"].isna().all()
    assert read(engine, "SELECT units_in_time FROM reporting_rate")["units_in_time"].isna().all()
    due = replace(reference, town=replace(reference.town, in_use_since=None))
    with engine.begin() as conn:
        store_reference(conn, due)
    assert read(engine, "SELECT units_in_time FROM reporting_rate")["units_in_time"].tolist() == [16]
    assert set(read(engine, "SELECT units_late FROM fact_coverage")["units_late"]) == {0}


# ---------------------------------------------------------------------------------------------------------
# Dimensions


def test_old_wards_find_the_smallest_group_of_today(engine: Engine, reference: Reference) -> None:
    units = read(engine, "SELECT * FROM dim_unit")
    assert units["unit_key"].is_unique and len(units) == len(reference.units)
    told = {frozenset(members) for _, members in units.groupby("latest_key")["unit_key"]}
    keys = [unit.code + (f"@{unit.valid_from}" if unit.valid_from else "") for unit in reference.units]
    assert told == {
        frozenset(keys[place] for place in group.units) for group in find_groups_of(reference, date.today())
    }
    named = units.set_index("unit_key")[["latest_name", "latest_units", "is_bound"]]
    assert tuple(named.loc["09574"]) == ("Sơn Tây + Tùng Thiện", 2, False)
    assert tuple(named.loc["09616"]) == ("Đoài Phương", 1, True)
    assert tuple(named.loc["09616@2025-07-01"]) == ("Đoài Phương", 1, False)
    assert named.loc[DESK, "latest_name"] == units.set_index("unit_key").loc[DESK, "unit_name"]


def test_periods_know_what_they_are_part_of(engine: Engine, maker: Maker) -> None:
    names = ("2022-04", "2022-Q3", "2022-H2", "2022", "2021-11/2022-02", "2022-03-01/2022-03-09")
    with engine.begin() as conn:
        store_reference(conn, maker.reference, map(maker.period, names))
    known = read(engine, "SELECT * FROM dim_period").set_index("period_key")
    columns = ["period_kind", "year", "half", "quarter", "month"]
    assert [[None if pd.isna(v) else v for v in known.loc[name, columns]] for name in names] == [
        ["month", 2022, 1, 2, 4],
        ["quarter", 2022, 2, 3, None],
        ["half-year", 2022, 2, None, None],
        ["year", 2022, None, None, None],
        ["months", 2021, None, None, None],
        ["days", 2022, None, None, None],
    ]
    assert known.loc["2022-04", "period_start"] == date(2022, 3, 15)


def test_measures_rates_and_systems_are_those_of_the_reference(engine: Engine, reference: Reference) -> None:
    form = reference.form
    told = read(engine, "SELECT measure, label_vi, label_en, over_time FROM dim_measure ORDER BY ordinal")
    assert told.to_numpy().tolist() == [[m.name, m.label_vi, m.label_en, str(m.over_time)] for m in form.measures]
    assert set(told["measure"]) < set(read(engine, "SELECT * FROM fact_figure").columns)
    rates = read(engine, "SELECT rate, label_vi, label_en, part, whole FROM dim_rate")
    assert rates.to_numpy().tolist() == [[r.name, r.label_vi, r.label_en, r.part, r.whole] for r in form.rates]
    systems = read(engine, "SELECT source_system, label_vi FROM dim_source_system WHERE source_system <> '' ORDER BY 1")
    assert systems.to_numpy().tolist() == sorted([s.code, s.label_vi] for s in reference.source_systems)
    fields = set(read(engine, "SELECT field FROM dim_field")["field"])
    assert fields == {"all", "unlisted", *(field.code for field in reference.fields)}


def test_a_measure_that_left_the_form_leaves_the_dimension(conn: Connection, reference: Reference) -> None:
    fewer = replace(reference, form=replace(reference.form, measures=reference.form.measures[:3], rates=()))
    store_reference(conn, fewer)
    assert conn.execute(text("SELECT count(*) FROM dim_measure")).scalar_one() == 3
    assert conn.execute(text("SELECT count(*) FROM dim_rate")).scalar_one() == 0


@pytest.mark.parametrize("view", ["fact_figure", "fact_coverage"])
def test_every_key_of_a_fact_is_in_its_dimensions(engine: Engine, maker: Maker, view: str) -> None:
    two = [whole(1, 1) | {"source_system": "city"}, whole(1, 1) | {"field": None}, whole(1, 1) | {"field": "dat-dai"}]
    maker.load(engine, "a", maker.report("09577", "2022-04", two))
    maker.load(engine, "b", maker.report("09574", "2025-07", [whole(1, 1) | {"field": "all"}]))
    maker.load(engine, "c", maker.report("09589", "2022-Q1", [whole(1, 1)]))
    dimensions = {"unit": "unit_key", "period": "period_key", "field": "field", "source_system": "source_system"}
    for name, key in dimensions.items():
        if view == "fact_figure" or name in ("unit", "period"):
            lost = f"SELECT {key} FROM {view} EXCEPT SELECT {key} FROM dim_{name}"
            assert read(engine, lost).empty and not read(engine, f"SELECT {key} FROM {view}").empty
