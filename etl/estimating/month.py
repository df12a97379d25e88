"""One report that is not in, estimated from what the unit has reported before and after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from etl.estimating import basis
from etl.estimating.basis import Words
from etl.estimating.bounds import Bounds, add_up, exact, share_out, usual
from etl.forms import Balance, Form, OverTime, StockFlow

MOST_PERIODS = 12  # of the past that an estimate is made of


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of the stocks at both ends of a report: by measure, with the words that say from where."""

    opening: Mapping[str, tuple[Bounds, Words]] = field(default_factory=dict)
    closing: Mapping[str, tuple[Bounds, Words]] = field(default_factory=dict)


@dataclass(slots=True)
class Estimate:
    """The measures of a report, as far as they can be estimated, and what each rests on. *Missing*: None."""

    form: Form
    past: pd.DataFrame
    counts: dict[str, Bounds | None] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)

    def put(self, name: str, bounds: Bounds | None, words: Words) -> None:
        self.counts[name] = bounds
        self.words[name] = words if bounds else self.why_unknown

    @property
    def why_unknown(self) -> Words:
        return basis.UNREPORTED if len(self.past) else basis.NO_HISTORY

    def of_past(self, name: str) -> tuple[Bounds | None, Words]:
        """Give what is usual, by the last reports that say it."""
        counts = [int(count) for count in self.past[name].dropna().tail(MOST_PERIODS)]
        return usual(counts), basis.usual_of(len(counts))


def estimate_report(past: pd.DataFrame, form: Form, known: Neighbours) -> Estimate:
    """Estimate a report, so that all balances that are a tree hold for the estimates exactly.

    *Shape* of `past`: the unit's earlier reports, the oldest first, with the measures. *Missing*: NaN.
    """
    report = Estimate(form, past)
    for name in _independent(form):
        bounds, words = report.of_past(name)
        report.put(name, *(known.opening.get(name) or known.closing.get(name) or (bounds, words)))
    if flow := form.stock_flow:
        _let_flow(report, flow, known)
    _share_totals(report)
    _add_totals(report)
    return report


def _independent(form: Form) -> list[str]:
    """List the measures that are estimated by themselves: stocks and flows that are part of no other of their kind."""
    parts = {part for balance in _divisions(form) for part in balance.parts}
    return [m.name for m in form.measures if m.over_time is not OverTime.DERIVED and m.name not in parts]


def _divisions(form: Form) -> list[Balance]:
    """List the balances that divide a stock or a flow into parts of the same kind, none of them divided twice."""
    kinds = {measure.name: measure.over_time for measure in form.measures}
    found = [
        b
        for b in form.balances
        if kinds[b.total] is not OverTime.DERIVED and all(kinds[part] is kinds[b.total] for part in b.parts)
    ]
    every = [part for balance in found for part in balance.parts]
    return [balance for balance in found if all(every.count(part) == 1 for part in balance.parts)]


def _let_flow(report: Estimate, flow: StockFlow, known: Neighbours) -> None:
    """Make opening + coming − going = closing hold: by what went where the closing stock is known, else by that."""
    opening, coming, going = (
        add_up(report.counts[n] for n in names) for names in ((flow.opening,), flow.coming, flow.going)
    )
    if opening is None or coming is None or going is None:
        report.put(flow.closing, known.closing.get(flow.closing, (None,))[0], report.words[flow.closing])
        return
    if flow.closing not in known.closing:
        at_hand = opening + coming
        going = going.within(at_hand.high).holding(min(going.estimate, at_hand.estimate))
        left = at_hand.estimate - going.estimate
        bounds = Bounds(max(0, at_hand.low - going.high), left, max(0, at_hand.high - going.low))
        report.put(flow.closing, bounds, basis.FOLLOWS)
        _divide(report, flow.going, going)
        return
    closing = known.closing[flow.closing][0]
    lacking = max(0, closing.estimate - opening.estimate - coming.estimate)
    coming = coming.holding(coming.estimate + lacking)
    at_hand = opening + coming
    going = Bounds(
        max(0, at_hand.low - closing.high), at_hand.estimate - closing.estimate, max(0, at_hand.high - closing.low)
    )
    _divide(report, flow.coming, coming)
    _divide(report, flow.going, going)
    for name in flow.going:
        report.words[name] = basis.BETWEEN


def _share_totals(report: Estimate) -> None:
    """Divide what is estimated into its parts, from the top down."""
    divisions = _divisions(report.form)
    while ready := [b for b in divisions if b.total in report.counts]:
        for balance in ready:
            divisions.remove(balance)
            total = report.counts[balance.total]
            usual_parts = {part: report.of_past(part)[0] for part in balance.parts}
            is_known = total is not None and None not in usual_parts.values()
            for part in balance.parts:
                report.put(part, usual_parts[part] if is_known else None, basis.SHARE)
            if is_known and total:
                _divide(report, balance.parts, total)


def _divide(report: Estimate, parts: tuple[str, ...], total: Bounds) -> None:
    """Make the estimates of parts add up to that of their total, and their bounds reach as far as its own."""
    if len(parts) == 1:
        report.counts[parts[0]] = total
        return
    own = [bounds.within(total.high) for part in parts if (bounds := report.counts[part])]
    lower = max(0, sum(bounds.low for bounds in own) - total.low)
    higher = max(0, total.high - sum(bounds.high for bounds in own))
    shares = share_out(total.estimate, [bounds.estimate for bounds in own])
    for part, bounds, share in zip(parts, own, shares, strict=True):
        reach = Bounds(max(0, bounds.low - lower), bounds.estimate, bounds.high + higher)
        report.counts[part] = reach.holding(share)


def _add_totals(report: Estimate) -> None:
    """Add up what is derived, from the first balance that it is the total of."""
    derived = [m.name for m in report.form.measures if m.over_time is OverTime.DERIVED]
    for _ in derived:  # a total may be a part of another
        for name in derived:
            balance = next((b for b in report.form.balances if b.total == name), None)
            if balance and all(part in report.counts for part in balance.parts):
                report.put(name, add_up(report.counts[part] for part in balance.parts), basis.SUM)
    for name in set(report.form.measure_names) - report.counts.keys():
        report.put(name, None, report.why_unknown)


def known_stocks(pairs: Mapping[str, float], words: Words) -> dict[str, tuple[Bounds, Words]]:
    """Take stocks that another report states as exact. *Missing*: NaN is left out."""
    return {name: (exact(int(count)), words) for name, count in pairs.items() if not pd.isna(count)}
