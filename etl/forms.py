"""A form as data: its measures, the balances between them, and the editions that print them.

Everything that knows the form's algebra asks this module; nothing else writes a balance down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import product
from math import gcd

import numpy as np
import numpy.typing as npt


class OverTime(StrEnum):
    """How a measure of several periods follows from those of each."""

    FLOW = "flow"
    OPENING = "opening"
    CLOSING = "closing"
    DERIVED = "derived"


class ColumnKind(StrEnum):
    """What a column holds that is no measure."""

    ROW_NUMBER = "row_number"
    FIELD = "field"
    UNIT = "unit"
    PERIOD = "period"
    SOURCE_SYSTEM = "source_system"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Measure:
    """A counted column. *Units*: dossiers, whole numbers ≥ 0."""

    name: str
    label_vi: str
    label_en: str
    over_time: OverTime


@dataclass(frozen=True, slots=True)
class Balance:
    """`total` = the sum of `parts`, exactly, within a row."""

    name: str
    total: str
    parts: tuple[str, ...]
    gap_hint_vi: str = ""
    gap_hint_en: str = ""

    @property
    def coefficients(self) -> dict[str, int]:
        return {self.total: 1} | dict.fromkeys(self.parts, -1)


@dataclass(frozen=True, slots=True)
class RollForward:
    """The opening stock of a period = the closing stock of the one before."""

    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class StockFlow:
    """How a stock moves within a period: opening + Σ coming = closing + Σ going, both of them the measure `total`."""

    opening: str
    closing: str
    total: str
    coming: tuple[str, ...]
    going: tuple[str, ...]
    balance: str


@dataclass(frozen=True, slots=True)
class Rate:
    """What part of a measure another is, in percent: always computed from the counts, never averaged."""

    name: str
    label_vi: str
    label_en: str
    part: str
    whole: str


@dataclass(frozen=True, slots=True)
class Column:
    """A printed column: the measure it holds, or what else it is.

    `headings` are paths through the merged header, outermost first.
    """

    headings: tuple[tuple[str, ...], ...]
    measure: str | None = None
    kind: ColumnKind | None = None
    number: int | None = None
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """One way to print the form. What an edition does not print is not reported, never 0."""

    name: str
    title: str
    layout: str
    columns: tuple[Column, ...]
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(column.measure for column in self.columns if column.measure)

    def is_in_force(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def number_of(self, measure: str) -> int | None:
        return next((c.number for c in self.columns if c.measure == measure), None)


@dataclass(frozen=True, slots=True)
class Constraint:
    """What the balances demand of the measures a row reports: Σ coefficient × measure = 0, or ≥ 0.

    `balance` names the balance it comes from; `is_equation` is False for a bound.
    """

    balance: str
    coefficients: tuple[tuple[str, int], ...]
    is_equation: bool

    @property
    def larger(self) -> tuple[tuple[str, int], ...]:
        """The side that must not be smaller: the terms with a positive coefficient."""
        return tuple((m, c) for m, c in self.coefficients if c > 0)

    @property
    def smaller(self) -> tuple[tuple[str, int], ...]:
        return tuple((m, -c) for m, c in self.coefficients if c < 0)


@dataclass(frozen=True, slots=True)
class Form:
    """Measures, balances, roll-forwards, editions and rates, in the order of the file that declares them."""

    name: str
    title_vi: str
    title_en: str
    measures: tuple[Measure, ...]
    balances: tuple[Balance, ...]
    roll_forwards: tuple[RollForward, ...]
    editions: tuple[Edition, ...]
    rates: tuple[Rate, ...] = ()

    @property
    def measure_names(self) -> tuple[str, ...]:
        return tuple(measure.name for measure in self.measures)

    @property
    def principal_flows(self) -> tuple[str, ...]:
        """List the flows that are part of no other flow: how much came in, how much was done."""
        flows = {measure.name for measure in self.measures if measure.over_time is OverTime.FLOW}
        parts = {part for balance in self.balances if balance.total in flows for part in balance.parts}
        return tuple(name for name in self.measure_names if name in flows - parts)

    @property
    def sheets(self) -> tuple[Edition, ...]:
        """List the editions that are official sheets."""
        return tuple(edition for edition in self.editions if edition.layout == "sheet")

    def sheet_on(self, day: date) -> Edition | None:
        """Find the newest official sheet in force on a day. *Missing*: None where there is none."""
        in_force = [sheet for sheet in self.sheets if sheet.is_in_force(day)]
        return max(in_force, key=lambda sheet: sheet.valid_from or date.min, default=None)

    @property
    def common_totals(self) -> tuple[str, ...]:
        """List the totals of balances that every official sheet prints; all totals, where the form has no sheets."""
        printed = set(self.measure_names).intersection(*(sheet.measures for sheet in self.sheets))
        totals = {balance.total for balance in self.balances}
        return tuple(name for name in self.measure_names if name in printed & totals)

    @property
    def stock_flow(self) -> StockFlow | None:
        """Find how the stock that rolls forward moves. *Missing*: None where no two balances say it."""
        for roll in self.roll_forwards:
            filled = next((b for b in self.balances if roll.opening in b.parts), None)
            emptied = next(
                (b for b in self.balances if filled and roll.closing in b.parts and b.total == filled.total), None
            )
            if filled and emptied:
                coming = tuple(part for part in filled.parts if part != roll.opening)
                going = tuple(part for part in emptied.parts if part != roll.closing)
                return StockFlow(roll.opening, roll.closing, filled.total, coming, going, emptied.name)
        return None

    def measure(self, name: str) -> Measure:
        return next(measure for measure in self.measures if measure.name == name)

    def balance(self, name: str) -> Balance:
        return next(balance for balance in self.balances if balance.name == name)

    def edition(self, name: str) -> Edition:
        return next(edition for edition in self.editions if edition.name == name)


# ---------------------------------------------------------------------------------------------------------
# What can be judged when only some measures are reported


@cache
def constraints(balances: tuple[Balance, ...], reported: frozenset[str]) -> tuple[Constraint, ...]:
    """Give all that the balances demand of the reported measures, and no more.

    Numbers ≥ 0 for what is missing exist exactly when every constraint holds: each missing measure is eliminated, by
    substitution where an equation contains it, else by pairing bounds (Fourier-Motzkin). Where the balances form a
    tree, as those of ii06 do, whole numbers exist too; where they form a matrix of categories and stages, fractions
    might be needed, so a row could pass that no whole numbers fit; none is ever refused wrongly.
    """
    equations = [_Line(b.name, b.coefficients) for b in balances]
    bounds: list[_Line] = []
    missing = sorted({m for b in balances for m in b.coefficients} - reported)
    while missing:
        name = min(missing, key=lambda m: _cost(m, equations, set(missing)))
        missing.remove(name)
        equations, bounds = _eliminate(name, equations, bounds)
    equations = _distinct(equations)
    order = _reading_order(balances)
    judged = [(line, True) for line in equations] + [(line, False) for line in _needed(bounds, equations)]
    return tuple(Constraint(line.balance, line.in_order(order), is_equation) for line, is_equation in judged)


def _reading_order(balances: tuple[Balance, ...]) -> list[str]:
    """Order the measures as a form prints them: each total before its parts, the parts where their total stands."""
    order: list[str] = []
    for balance in balances:
        if balance.total not in order:
            order.append(balance.total)
        after = order.index(balance.total) + 1
        order[after:after] = [part for part in balance.parts if part not in order]
    return order


@dataclass(frozen=True, slots=True)
class _Line:
    balance: str
    terms: dict[str, int]

    def in_order(self, measures: list[str]) -> tuple[tuple[str, int], ...]:
        return tuple((m, self.terms[m]) for m in measures if m in self.terms)

    def times(self, factor: int) -> "_Line":
        return _Line(self.balance, {n: c * factor for n, c in self.terms.items()})

    def plus(self, other: "_Line", times: int) -> "_Line":
        """Add a multiple of another line, in the smallest whole numbers."""
        names = self.terms.keys() | other.terms.keys()
        summed = {n: self.terms.get(n, 0) + times * other.terms.get(n, 0) for n in names}
        common = gcd(*summed.values()) or 1
        return _Line(self.balance, {n: c // common for n, c in summed.items() if c})


def _cost(name: str, equations: list[_Line], missing: set[str]) -> tuple[int, int, str]:
    """Prefer what an equation gives from reported measures alone, so that constraints read like the form."""
    sizes = [len(missing & e.terms.keys()) * 100 + len(e.terms) for e in equations if name in e.terms]
    return (min(sizes, default=10_000), len(sizes), name)


def _eliminate(name: str, equations: list[_Line], bounds: list[_Line]) -> tuple[list[_Line], list[_Line]]:
    with_name = [e for e in equations if name in e.terms]
    if with_name:
        pivot = max(with_name, key=lambda e: (e.terms[name] > 0, -len(e.terms)))  # its own definition, if any
        others = [_put(e, name, pivot) for e in equations if e is not pivot]
        return others, [*(_put(b, name, pivot) for b in bounds), _at_least_nought(name, pivot)]
    return equations, _pair(name, bounds)


def _put(line: _Line, name: str, pivot: _Line) -> _Line:
    """Replace a measure in a line by what the pivot, an equation, says it is."""
    if name not in line.terms:
        return line
    sign = 1 if pivot.terms[name] > 0 else -1
    return line.times(abs(pivot.terms[name])).plus(pivot, -sign * line.terms[name])


def _at_least_nought(name: str, pivot: _Line) -> _Line:
    """Say that what the pivot makes of a measure is no negative number."""
    sign = 1 if pivot.terms[name] > 0 else -1
    return _Line(pivot.balance, {n: -c * sign for n, c in pivot.terms.items() if n != name})


def _pair(name: str, bounds: list[_Line]) -> list[_Line]:
    """Drop a measure that only bounds contain: each upper bound of it must reach each lower one."""
    above = [b for b in bounds if b.terms.get(name, 0) < 0]  # … − name ≥ 0
    below = [b for b in bounds if b.terms.get(name, 0) > 0]  # … + name ≥ 0; name ≥ 0 itself adds nothing here
    kept = [b for b in bounds if name not in b.terms]
    kept += [_Line(b.balance, {n: c for n, c in b.terms.items() if n != name}) for b in above]  # from name ≥ 0
    for upper, lower in product(above, below):
        kept.append(upper.times(lower.terms[name]).plus(lower, -upper.terms[name]))
    return kept


def _distinct(lines: Iterable[_Line]) -> list[_Line]:
    return list({frozenset(line.terms.items()): line for line in lines if line.terms}.values())


def _needed(bounds: list[_Line], equations: list[_Line]) -> list[_Line]:
    """Leave out what always holds, what an equation already implies, and what another bound demands."""
    real = _distinct(b for b in bounds if min(b.terms.values(), default=0) < 0)
    free = [
        b for b in real if not any(min(b.plus(e, t).terms.values(), default=0) >= 0 for e in equations for t in (1, -1))
    ]
    return [b for b in free if not any(o is not b and _is_within(o, b) for o in free)]


def _is_within(stronger: _Line, weaker: _Line) -> bool:
    """Tell whether `weaker` is `stronger` plus counts, which are never negative."""
    return min(weaker.plus(stronger, -1).terms.values(), default=0) >= 0


# ---------------------------------------------------------------------------------------------------------
# What follows for the measures that are missing

Counts = npt.NDArray[np.float64]


def determined(balances: tuple[Balance, ...], reported: Mapping[str, Counts]) -> dict[str, Counts]:
    """Complete each row by what its balances leave only one whole number for.

    *Shape*: one array per measure of the form, all of one length. *Missing*: NaN, in and out.
    Nothing is guessed: a measure that could take two values, or none, stays missing.
    """
    lower = {m: np.nan_to_num(v, nan=0.0) for m, v in reported.items()}
    upper = {m: np.nan_to_num(v, nan=np.inf) for m, v in reported.items()}
    for _ in balances:  # no chain of consequences is longer than the number of balances
        moved = [_tighten(balance, lower, upper) for balance in balances]
        if not any(moved):
            break
    return {m: np.where(np.isnan(v) & (lower[m] == upper[m]), lower[m], v) for m, v in reported.items()}


def _tighten(balance: Balance, lower: dict[str, Counts], upper: dict[str, Counts]) -> bool:
    """Narrow, in place, what a balance leaves possible; tell whether anything moved."""
    total, parts = balance.total, balance.parts
    moved = _raise(lower, total, _sum(lower, parts)) | _cap(upper, total, _sum(upper, parts))
    for part in parts:
        others = tuple(other for other in parts if other != part)
        moved |= _raise(lower, part, lower[total] - _sum(upper, others))
        moved |= _cap(upper, part, upper[total] - _sum(lower, others))
    return moved


def _sum(counts: dict[str, Counts], names: tuple[str, ...]) -> Counts:
    return np.sum([counts[name] for name in names], axis=0) if names else np.zeros(1)


def _raise(lower: dict[str, Counts], name: str, least: Counts) -> bool:
    higher = least > lower[name]
    lower[name] = np.where(higher, least, lower[name])
    return bool(higher.any())


def _cap(upper: dict[str, Counts], name: str, most: Counts) -> bool:
    lesser = most < upper[name]
    upper[name] = np.where(lesser, most, upper[name])
    return bool(lesser.any())
