"""The units of which reports are missing, each missing report estimated from those around it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from etl.estimating import basis
from etl.estimating.basis import Words
from etl.estimating.bounds import Bounds
from etl.estimating.month import Estimate, Neighbours, estimate_report, known_stocks
from etl.estimating.series import find_series
from etl.forms import Form
from etl.model import Unit
from etl.periods import Period
from etl.reference import Reference
from etl.town_dataset import TownDataset


@dataclass(frozen=True, slots=True)
class Absent:
    """A unit that owes reports, and what its missing ones are estimated to say: by period, in their order."""

    unit: Unit
    is_desk: bool
    series: pd.DataFrame
    owed: tuple[Period, ...]
    estimates: Mapping[Period, Estimate]


def find_absent(dataset: TownDataset, past: pd.DataFrame, reference: Reference) -> list[Absent]:
    """Estimate what is missing of each unit that owes a report and has none accepted, in the order of the reference."""
    return [
        _estimate_unit(unit, missing, dataset, past, reference) for unit, missing in _find_missing(dataset, reference)
    ]


def _find_missing(dataset: TownDataset, reference: Reference) -> Iterator[tuple[Unit, set[str]]]:
    """List the units with a report missing, in the order of the reference, each with the keys of its periods."""
    coverage = dataset.coverage
    gone = coverage[coverage["expected"] & ~coverage["status"].str.startswith("accepted")]
    for unit in reference.units:
        own = gone[(gone["unit_code"] == unit.code) & (gone["unit_name"] == unit.full_name)]
        if len(own):
            yield unit, set(own["period_key"])


def _estimate_unit(
    unit: Unit, missing: set[str], dataset: TownDataset, past: pd.DataFrame, reference: Reference
) -> Absent:
    """Estimate a unit's missing reports one after the other: each opens with what the one before leaves."""
    form, series = reference.form, find_series(unit, past, reference)
    owed = tuple(period for period in dataset.periods if unit in reference.expected_units(period))
    estimates: dict[Period, Estimate] = {}
    for period in owed:
        if period.key in missing:
            known = _neighbours(period, series, estimates, form)
            earlier = series[series["end"] < period.start]
            estimates[period] = estimate_report(earlier, form, known)
    return Absent(unit, not reference.is_ward(unit), series, owed, estimates)


def _neighbours(period: Period, series: pd.DataFrame, estimates: Mapping[Period, Estimate], form: Form) -> Neighbours:
    """Find what the period opens and closes with, from the reports on both its sides or the estimate before it."""
    opening: dict[str, tuple[Bounds, Words]] = {}
    closing: dict[str, tuple[Bounds, Words]] = {}
    for roll in form.roll_forwards:
        for row in series[series["end"] == period.day_before].to_dict("records"):
            opening |= known_stocks({roll.opening: row[roll.closing]}, basis.before(row["period_key"]))
        for earlier, estimate in estimates.items():
            bounds = estimate.counts[roll.closing]
            if earlier.end == period.day_before and bounds:
                opening[roll.opening] = bounds, basis.CARRIED
        for row in series[series["is_own"] & (series["day_before"] == period.end)].to_dict("records"):
            closing |= known_stocks({roll.closing: row[roll.opening]}, basis.after(row["period_key"]))
    return Neighbours(opening, closing)
