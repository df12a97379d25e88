"""Releases for tests of what is published: the small town's April, and whatever a test makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from etl.periods import Period
from etl.publishing.release import Release
from etl.publishing.roles import find_roles
from etl.reference import Reference
from etl.town_dataset import ADJUSTMENT_COLUMNS, TownDataset
from tests.unit.town_example import REFERENCE, figures, town

MOMENT = datetime(2022, 5, 18, 2, 0, tzinfo=UTC)  # 09:00 in the town
CALENDAR = REFERENCE.town.calendar
FOUR_MONTHS = CALENDAR.months((2022, 1), (2022, 4))


def release(dataset: TownDataset | None = None, **changes: Any) -> Release:
    """Give a first publication of a dataset, or what a test makes of it."""
    return replace(Release(dataset or town(), REFERENCE, 1, MOMENT, months=months(1)), **changes)


def months(count: int, *, partial: Sequence[int] = (), first: int = 2020) -> pd.DataFrame:
    """Give `count` months of the town; those at the places `partial` lack a unit."""
    rows = [
        {"period_key": f"{first + i // 12}-{i % 12 + 1:02}", "scope": "town", **figures(100 + i), "units_expected": 16,
         "units_in": 16 - (i in partial), "is_partial": i in partial}
        for i in range(count)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype(dict.fromkeys(REFERENCE.form.measure_names, "Int64"))


def over(dataset: TownDataset, period: Period) -> TownDataset:
    """Give the same figures as those of another period."""
    listed = CALENDAR.months_of(period)
    coverage = pd.concat([dataset.coverage.assign(period_key=month.key) for month in listed], ignore_index=True)
    return replace(dataset, period=period, periods=listed, coverage=coverage)


def with_figures(dataset: TownDataset, scope: str, counts: Mapping[str, int | None]) -> TownDataset:
    """Put other figures into the whole rows of a scope."""
    frame = dataset.frame.copy()
    chosen = (frame["scope"] == scope) & (frame["field"] == "all")
    for name, count in counts.items():
        frame.loc[chosen, name] = pd.NA if count is None else count
    return replace(dataset, frame=frame)


def adjusted(dataset: TownDataset, *rows: tuple[str, int, str]) -> TownDataset:
    """Say adjustments of the wards: unit, amount, kind."""
    listed = [
        ("09574", name, False, dataset.periods[-1].key, "all", "all", amount, kind) for name, amount, kind in rows
    ]
    table = pd.DataFrame(listed, columns=list(ADJUSTMENT_COLUMNS)).astype({"amount": "Int64", "is_desk": "bool"})
    return replace(dataset, adjustments=table)


def without(dataset: TownDataset, *scopes: str) -> TownDataset:
    """Leave out scopes that a town does not have."""
    frame = dataset.frame
    return replace(dataset, frame=frame[~frame["scope"].isin(scopes)].reset_index(drop=True))


def of_another_form(reference: Reference) -> Release:
    """Give a release of a town with another form: two agencies, each with its counts."""
    period = reference.town.calendar.year(2020)
    roles = find_roles(reference.form)
    assert roles is not None
    counts = {roles.total: 100, roles.opening: 30, roles.incoming: 70, roles.done: 80, roles.closing: 20}
    names = [("DOJ", "Department of Justice"), ("EPA", "Environmental Protection Agency")]
    counted = {"units_expected": 1, "units_in": 1, "is_partial": False, "waived": 0, "corrected": 0, "adjustment": 0}
    place = {"field": "all", "source_system": "all"}
    rows = [
        {"scope": "ward", "unit_code": code, "unit_name": name, **place, **counts, **counted} for code, name in names
    ]
    both = {name: 2 * count for name, count in counts.items()} | {"units_expected": 2, "units_in": 2}
    rows += [{"scope": s, "unit_code": "", "unit_name": "", **place, **counted, **both} for s in ("wards", "town")]
    frame = pd.DataFrame(rows).astype(dict.fromkeys((*counts, "adjustment"), "Int64"))
    example = town().coverage.iloc[:2]
    coverage = example.assign(
        unit_code=["DOJ", "EPA"], unit_name=[n for _, n in names], unit_kind="agency", period_key="2020"
    )
    dataset = TownDataset(period, (period,), frame, coverage, "state", False)
    return Release(dataset, reference, 1, MOMENT, months=pd.DataFrame())
