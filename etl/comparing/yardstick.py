"""The figures that the rows of a statement are held against, line by line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from etl.comparing.comparison import Counts
from etl.forms import Form, OverTime
from etl.periods import Period
from etl.town_dataset import TownDataset

ALL = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """Which figures of a dataset: those of a ward (`scope` "ward"), or of "wards", "desk" or "town"."""

    scope: str
    unit_code: str = ""
    unit_name: str = ""
    field: str = ALL
    source_system: str = ALL

    @property
    def place(self) -> tuple[str, str, str]:
        return self.scope, self.unit_code, self.unit_name


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication said. *Shape* of `frame`: as `TownDataset.frame`, without the counts of decisions."""

    period_key: str
    number: int
    published_at: datetime
    frame: pd.DataFrame


@dataclass(frozen=True, slots=True)
class SentBack:
    """The figures of a report that was refused, as printed: one count a measure, over all fields."""

    unit_name: str
    is_desk: bool
    period_key: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The dataset of one period, and what may explain that a statement of it differs.

    `months`: those of the period, each by itself; `others`: further months, which may have been taken for one of
    these. `published`: earlier publications, of the period and of its months.
    """

    dataset: TownDataset
    months: tuple[TownDataset, ...] = ()
    others: tuple[TownDataset, ...] = ()
    published: tuple[Published, ...] = ()
    sent_back: tuple[SentBack, ...] = field(default=())

    @property
    def period(self) -> Period:
        return self.dataset.period


Places = Mapping[tuple[str, str, str], Counts]
"""Scope, code and name of a unit ("" for sums) → what they count."""


def find_places(frame: pd.DataFrame, line: Line, form: Form) -> Places:
    """Give what every unit and sum says of the field and source system of a line."""
    chosen = frame[(frame["field"] == line.field) & (frame["source_system"] == line.source_system)]
    names = [m for m in form.measure_names if m in chosen]
    keys = zip(chosen["scope"], chosen["unit_code"], chosen["unit_name"], strict=True)
    rows = chosen[names].astype(object).where(chosen[names].notna(), None).to_numpy().tolist()
    counts = ({m: int(v) for m, v in zip(names, row, strict=True) if v is not None} for row in rows)
    return dict(zip(keys, counts, strict=True))


def find_counts(frame: pd.DataFrame, line: Line, form: Form) -> Counts:
    """Give what a line says of each measure; nothing where there is no such line."""
    return find_places(frame, line, form).get(line.place, {})


def is_line_partial(frame: pd.DataFrame, line: Line) -> bool:
    own = frame[(frame["field"] == line.field) & (frame["source_system"] == line.source_system)]
    own = own[(own["scope"] == line.scope) & (own["unit_code"] == line.unit_code)]
    return bool(own.loc[own["unit_name"] == line.unit_name, "is_partial"].any())


def has_unit(frame: pd.DataFrame, line: Line) -> bool:
    """Tell whether a dataset has any line of a unit."""
    return bool((frame["unit_code"].eq(line.unit_code) & frame["unit_name"].eq(line.unit_name)).any())


def find_wards(dataset: TownDataset) -> Iterator[tuple[str, str]]:
    """List code and name of the wards, without the town's own desk."""
    coverage = dataset.coverage
    wards = coverage[coverage["expected"] & ~coverage["is_desk"]]
    yield from dict.fromkeys(zip(wards["unit_code"], wards["unit_name"], strict=True))


def find_absent(dataset: TownDataset, line: Line) -> Mapping[tuple[str, str], str]:
    """List the units, with the month, whose report is not in a line's figures, and their status."""
    coverage = dataset.coverage[dataset.coverage["expected"]]
    absent = coverage[~coverage["status"].str.startswith("accepted")]
    if line.scope in ("wards", "desk"):
        absent = absent[absent["is_desk"].eq(line.scope == "desk")]
    elif line.scope == "ward":
        absent = absent[absent["unit_code"].eq(line.unit_code) & absent["unit_name"].eq(line.unit_name)]
    places = zip(absent["unit_name"], absent["period_key"], strict=True)
    return dict(zip(places, absent["status"], strict=True))


def span_counts(form: Form, months: Sequence[Counts]) -> Counts:
    """Make one row of the months of a line, as the dataset does: flows add, stocks come from the two ends."""
    found: dict[str, int] = {}
    for measure in form.measures:
        name, kind = measure.name, measure.over_time
        if kind is OverTime.FLOW and all(name in month for month in months):
            found[name] = sum(month[name] for month in months)
        elif kind is OverTime.OPENING and name in months[0]:
            found[name] = months[0][name]
        elif kind is OverTime.CLOSING and name in months[-1]:
            found[name] = months[-1][name]
    for measure in form.measures:
        parts = next((b.parts for b in form.balances if b.total == measure.name), ())
        if measure.over_time is OverTime.DERIVED and parts and all(part in found for part in parts):
            found[measure.name] = sum(found[part] for part in parts)
    return found
