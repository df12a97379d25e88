"""Weigh what may have happened to a row of a batch, by all that is known besides the row itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from etl.forms import Form
from etl.repairing.batch import Batch, Counts, SheetRows
from etl.repairing.covers import UNEXPLAINED, Cover, evidence_of_own, evidence_of_totals
from etl.repairing.hypotheses import Hypothesis, find_hypotheses
from etl.repairing.plans import Plan, Whole
from etl.repairing.slips import size_rate

LEFT_OUT = 0.3  # how often dossiers are left out of a column, against a slip in a given cell
UNKNOWN = 0.01  # how often an equation is broken by what no hypothesis knows


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Dossiers that may be in no column, an honest gap of a balance, with the share of certainty."""

    share: float
    balance: str
    gap: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """The hypotheses on a row, the likelier first, each with its share of all that may have happened."""

    plan: Plan
    shares: tuple[tuple[float, Hypothesis], ...]
    left_out: LeftOut | None = None

    def likeliest(self) -> Hypothesis | None:
        """Give the hypothesis that is likelier than all the rest together."""
        return self.shares[0][1] if self.shares and self.shares[0][0] >= 0.5 else None


def rank(batch: Batch, sheet: SheetRows, position: int, others: Mapping[int, Counts]) -> Ranked:
    """Weigh all that may have happened to a row, where `others` (rows of its sheet) change as given."""
    covers = sheet.covers
    plan = batch.plan(position)
    over = [(cover, _moved(cover, others)) for cover in covers if position in cover.members]
    own = [-(cover.gaps - _moved(cover, others)) for cover in covers if cover.position == position][:1]
    gaps = [cover.gaps - moved for cover, moved in over] + own
    typed, columns = batch.typed(position, plan), batch.columns(plan)
    likely = [typed + np.nan_to_num(gap[columns]).astype(np.int64) for gap in gaps]
    hypotheses = find_hypotheses(plan, batch.typed_row(position, plan, sheet.around(position)), likely=likely)
    changes = [batch.change(position, plan, hypothesis) for hypothesis in hypotheses]
    of_stocks = [batch.evidence_of_stocks(position, change) for change in changes]
    of_sums = [_evidence_of_sums(batch, over, own, change) for change in changes]
    nothing = np.zeros(len(batch.measures))
    pinned = sum(1 for gap in gaps if np.any(np.nan_to_num(gap)))
    unknown = _unknown(plan, typed) * _times(2 * UNEXPLAINED * pinned + max(of_stocks, default=0.0))
    left_out = _left_out(plan, typed, batch.form)
    if left_out:  # a sum that follows its rows has the same honest gap
        unchanged = sum(evidence_of_own(nothing, gap) for gap in gaps) + batch.evidence_of_stocks(position, nothing)
        left_out = replace(left_out, share=left_out.share * _times(unchanged))
    weights = [h.weight * _times(stocks + sums) for h, stocks, sums in zip(hypotheses, of_stocks, of_sums, strict=True)]
    return _shared(plan, hypotheses, weights, unknown=unknown, left_out=left_out)


def _evidence_of_sums(batch: Batch, over: list[tuple[Cover, Counts]], own: list[Counts], change: Counts) -> float:
    """Weigh a change by the sums over a row, and by what the row itself sums up."""
    of_totals = sum(evidence_of_totals(cover, change, moved, batch.form, batch.measures) for cover, moved in over)
    return of_totals + sum(evidence_of_own(change, short) for short in own)


def _times(evidence: float) -> float:
    return float(np.exp(evidence))


def _moved(cover: Cover, others: Mapping[int, Counts]) -> Counts:
    """Add up by how much the rows under a sum change."""
    return sum((others[p] for p in cover.members if p in others), np.zeros(len(cover.gaps)))


def _shared(
    plan: Plan, hypotheses: Sequence[Hypothesis], weights: list[float], *, unknown: float, left_out: LeftOut | None
) -> Ranked:
    """Share certainty out among the hypotheses, dossiers left out, and what nobody thought of."""
    whole = sum(weights) + unknown + (left_out.share if left_out else 0.0) or 1.0
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], hypotheses[i].meant))
    shares = tuple((weights[i] / whole, hypotheses[i]) for i in order)
    return Ranked(plan, shares, replace(left_out, share=left_out.share / whole) if left_out else None)


def _left_out(plan: Plan, typed: Whole, form: Form) -> LeftOut | None:
    """Weigh that dossiers were left out of a column, where the balance that may have such a gap alone is broken."""
    gaps = plan.gaps(typed)
    if np.count_nonzero(gaps) != 1:
        return None
    place = int(np.flatnonzero(gaps)[0])
    equation = [c for c in plan.judged if c.is_equation][place]
    balance = form.balance(equation.balance)
    gap = int(gaps[place]) * dict(equation.coefficients).get(balance.total, 0)
    return LeftOut(LEFT_OUT / (gap * (gap + 1)), balance.name, gap) if balance.gap_hint_vi and gap > 0 else None


def _unknown(plan: Plan, typed: Whole) -> float:
    """Weigh that something happened that no hypothesis knows: the less likely, the more equations broke.

    What nobody thought of would hardly fit a sum that contradicts the row as it was typed.
    """
    gaps = [int(g) for g in plan.gaps(typed) if g] or [int(g) for g in plan.bounds @ typed if g < 0] or [1]
    return float(np.prod([UNKNOWN * size_rate(gap) for gap in gaps]))
