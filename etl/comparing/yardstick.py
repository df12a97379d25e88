"""The figures that the rows of a statement are held against, line by line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
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


def find_rows(frame: pd.DataFrame, line: Line) -> pd.DataFrame:
    """Give the rows that make up a line: one, or one for each source system where no row has their sum."""
    place = {"unit_name": line.unit_name, "scope": line.scope, "field": line.field, "unit_code": line.unit_code}
    is_own = np.logical_and.reduce([frame[column].to_numpy() == value for column, value in place.items()])
    chosen = frame[is_own]
    own = chosen[chosen["source_system"] == line.source_system]
    return chosen if own.empty and line.source_system == ALL else own


def find_counts(frame: pd.DataFrame, line: Line, form: Form) -> Counts:
    """Give what a line says of each measure; nothing where there is no such line."""
    names = [m for m in form.measure_names if m in frame]
    values = [list(column) for column in zip(*find_rows(frame, line)[names].to_numpy(dtype=object), strict=True)]
    return {m: sum(map(int, own)) for m, own in zip(names, values, strict=False) if not any(map(pd.isna, own))}


def is_line_partial(frame: pd.DataFrame, line: Line) -> bool:
    return bool(find_rows(frame, line)["is_partial"].any())


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
