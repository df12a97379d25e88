"""Estimates for the reports that are not in: on request, beside the town's dataset and never in its frame.

A partial figure gets bounds and an estimate, each with what it rests on. The bounds are those of the unit's own
history: what it has reported before, not what it could report at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from etl.estimating import basis
from etl.estimating.absent import Absent, find_absent
from etl.estimating.basis import Words
from etl.estimating.bounds import Bounds, add_up, exact
from etl.forms import Form, OverTime
from etl.periods import Period
from etl.reference import Reference
from etl.town_dataset import TownDataset

COLUMNS = (
    "scope", "unit_code", "unit_name", "measure", "known", "low", "estimate", "high", "basis_vi", "basis_en",
)  # fmt: skip
ADJUSTMENT = "adjustment"
_COUNTS = ("known", "low", "estimate", "high")
_DESKS = {"wards": (False,), "desk": (True,), "town": (False, True)}  # scope → is_desk of its units


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of figures to be estimated: what is in, by measure (None: unknown), and who is added to it."""

    place: tuple[str, str, str]  # scope, unit's code, unit's name
    known: Mapping[str, int | None]
    absent: Sequence[Absent]


def estimate_missing(dataset: TownDataset, past: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Estimate each unit of which a report is expected and not accepted, and then the sums that it is missing in.

    `past`: see `etl.warehouse.past.read_past`.

    *Shape*: scope ("ward", "wards", "desk", "town"), unit_code, unit_name, measure, known (what is in), low, estimate,
    high (Int64), basis_vi, basis_en; nothing where nothing is missing. A measure named "adjustment" stands where
    the estimates of several periods leave something between opening, flows and closing, as the dataset's own does.
    *Missing*: known where nothing is in, or what is in does not say; low, estimate and high where nothing is known
    to estimate from (then the basis says why), and the bounds of an adjustment.
    """
    absent = find_absent(dataset, past, reference)
    lines = [_unit_line(one, dataset, reference.form) for one in absent]
    lines += list(_sum_lines(absent, dataset, reference.form))
    rows = [row for line in lines for row in _rows(line, dataset, reference.form)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(_COUNTS, "Int64"))


# ---------------------------------------------------------------------------------------------------------
# Lines


def _unit_line(absent: Absent, dataset: TownDataset, form: Form) -> _Line:
    """Add up what is in of the unit itself."""
    keys = {period.key for period in absent.owed} - {period.key for period in absent.estimates}
    inside = absent.series[absent.series["is_own"] & absent.series["period_key"].isin(keys)]
    known = dict.fromkeys(form.measure_names)
    ends = {OverTime.OPENING: absent.owed[0].key, OverTime.CLOSING: absent.owed[-1].key}
    for measure in form.measures if len(inside) else ():
        chosen = inside
        if measure.over_time in ends:
            chosen = inside[inside["period_key"] == ends[measure.over_time]]
        if measure.over_time is not OverTime.DERIVED and len(chosen):
            known[measure.name] = _whole(chosen[measure.name].sum(skipna=False))
    return _Line(("ward", absent.unit.code, absent.unit.full_name), _with_totals(known, form), [absent])


def _sum_lines(absent: Sequence[Absent], dataset: TownDataset, form: Form) -> Iterator[_Line]:
    """Take the sums that lack any of the units, as the dataset has them."""
    frame = dataset.frame
    wholes = frame[(frame["field"] == "all") & (frame["source_system"] == "all")]
    for scope, kinds in _DESKS.items():
        chosen = [one for one in absent if one.is_desk in kinds]
        for row in wholes[wholes["scope"] == scope].to_dict("records") if chosen else ():
            yield _Line((scope, "", ""), {name: _whole(row[name]) for name in form.measure_names}, chosen)


def _whole(count: object) -> int | None:
    return None if pd.isna(count) else int(count)  # type: ignore[call-overload]


def _with_totals(known: Mapping[str, int | None], form: Form) -> dict[str, int | None]:
    bounds = _add_derived({name: None if count is None else exact(count) for name, count in known.items()}, form)
    return {name: None if count is None else count.estimate for name, count in bounds.items()}


def _add_derived(counts: Mapping[str, Bounds | None], form: Form) -> dict[str, Bounds | None]:
    """Add up the derived measures of several periods, from the first balance that each is the total of."""
    added = dict(counts)
    derived = [measure.name for measure in form.measures if measure.over_time is OverTime.DERIVED]
    for _ in derived:
        for name in derived:
            balance = next((b for b in form.balances if b.total == name), None)
            added[name] = add_up(added[part] for part in balance.parts) if balance else None
    return added


def _rows(line: _Line, dataset: TownDataset, form: Form) -> Iterator[tuple[object, ...]]:
    """Estimate a line: what is in, and what each missing report in it adds."""
    counts: dict[str, Bounds | None] = {}
    words: dict[str, Words] = {}
    for measure in form.measures:
        added = list(_added(line, measure.name, measure.over_time, dataset))
        known = line.known[measure.name]
        is_silent = known is None and not _is_empty(line, measure.over_time, dataset)
        terms = [None if is_silent else exact(known or 0), *(bounds for bounds, _ in added)]
        counts[measure.name] = add_up(terms)
        words[measure.name] = basis.UNKNOWN_SUM if is_silent else _say(line, added, counts[measure.name])
    counts = _add_derived(counts, form)
    for name, bounds in counts.items():
        figures = (bounds.low, bounds.estimate, bounds.high) if bounds else (None, None, None)
        yield *line.place, name, line.known[name], *figures, *words[name]
    left = _adjustment(counts, form)
    if left:
        yield *line.place, ADJUSTMENT, None, None, left, None, *basis.ADJUSTMENT


def _added(line: _Line, name: str, over_time: OverTime, dataset: TownDataset) -> Iterator[tuple[Bounds | None, Words]]:
    """Give what each missing report adds to a measure: a stock only at the line's first or last period."""
    for one in line.absent:
        first, last = _ends(line, one, dataset)
        for period, estimate in one.estimates.items():
            at = {OverTime.OPENING: first, OverTime.CLOSING: last}.get(over_time, period)
            if period == at:
                yield estimate.counts[name], estimate.words[name]


def _ends(line: _Line, one: Absent, dataset: TownDataset) -> tuple[Period, Period]:
    """Give the periods whose stocks are the line's: of a unit those it owes, of a sum those of the dataset."""
    periods = one.owed if line.place[0] == "ward" else dataset.periods
    return periods[0], periods[-1]


def _is_empty(line: _Line, over_time: OverTime, dataset: TownDataset) -> bool:
    """Tell whether nothing is in at all that could say a measure of a line."""
    owed = {OverTime.OPENING: slice(0, 1), OverTime.CLOSING: slice(-1, None)}.get(over_time, slice(None))
    if line.place[0] == "ward":
        (one,) = line.absent
        return all(period in one.estimates for period in one.owed[owed])
    kinds, keys = _DESKS[line.place[0]], {period.key for period in dataset.periods[owed]}
    coverage = dataset.coverage
    there = coverage[coverage["expected"] & coverage["is_desk"].isin(kinds) & coverage["period_key"].isin(keys)]
    return not there["status"].str.startswith("accepted").any()


def _say(line: _Line, added: Iterable[tuple[Bounds | None, Words]], total: Bounds | None) -> Words:
    """Say what a figure rests on: of a unit, its own reasons; of a sum, whose figures were estimated."""
    reasons = list(added)
    if total is None:
        return basis.joined([words for bounds, words in reasons if bounds is None])
    if not reasons:
        return basis.KNOWN
    if line.place[0] == "ward":
        return basis.joined([words for _, words in reasons])
    units = tuple(one.unit.full_name for one in line.absent)
    months = dict.fromkeys(period.key for one in line.absent for period in one.estimates)
    return basis.added(units, tuple(sorted(months)))


def _adjustment(counts: Mapping[str, Bounds | None], form: Form) -> int | None:
    flow = form.stock_flow
    if flow is None:
        return None
    terms = [add_up(counts[n] for n in names) for names in ((flow.opening, *flow.coming), (flow.closing, *flow.going))]
    if terms[0] is None or terms[1] is None:
        return None
    return terms[1].estimate - terms[0].estimate
