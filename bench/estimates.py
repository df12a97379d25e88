"""Measure the estimates for missing reports: `python -m bench.estimates`. One ward's month is left out at a time.

The series are those of the samples, 2022 to 2026, which are made up: see samples/README.md. Each report after the first
year is taken away once, as if nothing had come after it, and estimated from what the unit had reported before. Beside
the estimate stand two that anybody could make: repeat the month before, and take the same month of the year before.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

import numpy as np
import pandas as pd

from etl.estimate import estimate_missing
from etl.forms import Form, OverTime
from etl.periods import Period
from etl.reference import Reference, read_reference
from etl.settings import CHECKOUT
from etl.town_dataset import TownDataset
from samples.figures import Figures, build_figures, sum_of
from samples.year_figures import LAST, build_years

FIRST_LEFT_OUT = (2023, 1)
MEASURES = ("carried_over", "received_in_period", "resolved_total", "resolved_overdue", "pending_total")


@dataclass(frozen=True, slots=True)
class Trial:
    """What was said of one measure of a report left out, and what it was. *Missing*: None where nothing was said.

    `others`: what all other units reported for the month.
    """

    measure: str
    truth: int
    others: int
    low: int | None
    high: int | None
    said: Mapping[str, int | None]  # by the name of the method


def read_samples(reference: Reference) -> Figures:
    months = build_figures()
    return {**months, **build_years(reference, months)}


def compose_past(figures: Figures, reference: Reference) -> pd.DataFrame:
    """Sum every report up. *Shape*: see `etl.warehouse.past.read_past`."""
    calendar, rows = reference.town.calendar, []
    for period in calendar.months_of(calendar.months((2022, 1), LAST)):
        for unit in reference.expected_units(period):
            report = figures[unit.code, period.key]
            place = (unit.code, unit.full_name, period.key, period.start, period.end)
            rows.append((*place, *(float(sum_of(report, name)) for name in reference.form.measure_names)))
    columns = ["unit_code", "unit_name", "period_key", "start", "end", *reference.form.measure_names]
    return pd.DataFrame(rows, columns=columns).astype({"start": "object", "end": "object"})


def make_dataset(
    past: pd.DataFrame, reference: Reference, periods: Sequence[Period], missing: Collection[tuple[str, str]]
) -> TownDataset:
    """Make the town's dataset of some months without the missing reports: a unit's code and a period's key each."""
    owed = [(unit, period) for period in periods for unit in reference.expected_units(period)]
    gone = [(unit.code, period.key) in missing for unit, period in owed]
    coverage = pd.DataFrame({
        "unit_code": [unit.code for unit, _ in owed],
        "unit_name": [unit.full_name for unit, _ in owed],
        "is_desk": [not reference.is_ward(unit) for unit, _ in owed],
        "period_key": [period.key for _, period in owed],
        "expected": True,
        "status": ["missing" if is_gone else "accepted" for is_gone in gone],
    })  # fmt: skip
    inside = past.merge(coverage[~np.array(gone)], on=["unit_code", "unit_name", "period_key"], validate="one_to_one")
    scopes = {"wards": (False,), "desk": (True,), "town": (False, True)}
    sums = [
        _sum_over_time(inside[inside["is_desk"].isin(kinds)], reference.form, periods)
        | {"scope": scope, "field": "all", "source_system": "all"}
        for scope, kinds in scopes.items()
    ]
    span = reference.town.calendar.days(periods[0].start, periods[-1].end)
    return TownDataset(span, tuple(periods), pd.DataFrame(sums), coverage, "", False)


def _sum_over_time(inside: pd.DataFrame, form: Form, periods: Sequence[Period]) -> dict[str, object]:
    """Add flows, take the first period's opening and the last one's closing stocks. *Missing*: NaN where any is."""
    ends = {OverTime.OPENING: periods[0].key, OverTime.CLOSING: periods[-1].key}
    sums: dict[str, float] = {}
    for measure in form.measures:
        chosen = inside[inside["period_key"] == ends.get(measure.over_time, inside["period_key"])]
        sums[measure.name] = float(chosen[measure.name].sum(skipna=False)) if len(chosen) else math.nan
    for measure in form.measures:
        balance = next((b for b in form.balances if b.total == measure.name), None)
        if balance and measure.over_time is OverTime.DERIVED:
            sums[measure.name] = sum(sums[part] for part in balance.parts)
    return dict(sums)


def leave_out(past: pd.DataFrame, reference: Reference, *, every: int = 1) -> Iterator[Trial]:
    """Take reports away, one at a time and only every so many, and estimate them."""
    calendar = reference.town.calendar
    reports = [
        (period, unit)
        for period in calendar.months_of(calendar.months(FIRST_LEFT_OUT, LAST))
        for unit in reference.expected_units(period)
        if reference.is_ward(unit)
    ]
    for period, unit in reports[::every]:
        of_unit = (past["unit_code"] == unit.code) & (past["unit_name"] == unit.full_name)
        (truth,) = past[of_unit & (past["period_key"] == period.key)].to_dict("records")
        earlier = past[past["end"].map(lambda end, start=period.start: end < start)]
        dataset = make_dataset(past, reference, (period,), {(unit.code, period.key)})
        table = estimate_missing(dataset, earlier, reference)
        own = table[table["scope"] == "ward"].set_index("measure")
        known = table[table["scope"] == "town"].set_index("measure")["known"]
        before = past[of_unit & (past["end"] == period.day_before)]
        year_ago = past[of_unit & (past["period_key"] == f"{period.end.year - 1}{period.key[4:]}")]
        for measure in MEASURES:
            said = {
                "estimate": _whole(own.loc[measure, "estimate"]),
                "repeat the month before": _only(before, measure),
                "same month, year before": _only(year_ago, measure),
            }
            low, high = (_whole(own.loc[measure, name]) for name in ("low", "high"))
            yield Trial(measure, int(truth[measure]), int(known[measure]), low, high, said)


def _only(rows: pd.DataFrame, measure: str) -> int | None:
    return int(rows[measure].iloc[0]) if len(rows) else None


def _whole(count: object) -> int | None:
    return None if pd.isna(count) else int(count)  # type: ignore[call-overload]


def share_inside(trials: Sequence[Trial]) -> float:
    """Give the share, in percent, of estimated reports whose truth lies within the bounds."""
    bounded = [trial for trial in trials if trial.low is not None and trial.high is not None]
    return 100 * mean((trial.low or 0) <= trial.truth <= (trial.high or 0) for trial in bounded)


def error_of_town(trials: Sequence[Trial], method: str) -> float:
    """Give the median relative error of the town's total, in percent, where every method says something."""
    compared = _compared(trials)
    return 100 * median(abs((t.said[method] or 0) - t.truth) / (t.others + t.truth) for t in compared)


def error_of_ward(trials: Sequence[Trial], method: str) -> float:
    """Give the median error of the ward's own figure. *Units*: dossiers."""
    return median(abs((t.said[method] or 0) - t.truth) for t in _compared(trials))


def _compared(trials: Sequence[Trial]) -> list[Trial]:
    return [t for t in trials if None not in t.said.values() and t.others + t.truth]


def main() -> None:
    """Print the table."""
    reference = read_reference(CHECKOUT / "reference" / "son-tay")
    trials = list(leave_out(compose_past(read_samples(reference), reference), reference))
    methods = tuple(trials[0].said)
    heads = [f"{name}: town's total off, % | ward off, dossiers" for name in methods]
    print(f"{len(trials) // len(MEASURES)} reports left out, one at a time; errors are medians\n")
    print(f"| measure | not estimated | truth within bounds, % | {' | '.join(heads)} |")
    print(f"|---|--:|--:|{'--:|--:|' * len(methods)}")
    for measure in MEASURES:
        own = [trial for trial in trials if trial.measure == measure]
        errors = [f"{error_of_town(own, m):.2f} | {error_of_ward(own, m):.0f}" for m in methods]
        unknown = sum(trial.low is None for trial in own)
        print(f"| {measure} | {unknown} | {share_inside(own):.1f} | {' | '.join(errors)} |")


if __name__ == "__main__":
    main()
