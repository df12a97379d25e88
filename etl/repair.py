"""Which cell of a broken row is probably wrong, and what it should be: proposed, never applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.forms import Form
from etl.model import Report
from etl.neighbours import with_previous
from etl.repairing.batch import Batch, Counts, SheetRows
from etl.repairing.covers import Cover, covers_of
from etl.repairing.hypotheses import Hypothesis
from etl.repairing.plans import Plan
from etl.repairing.proposals import (
    Proposal,
    Repair,
    Support,
    compose_blame,
    compose_left_out,
    compose_proposal,
    compose_reason,
)
from etl.repairing.weighing import Ranked, rank
from expectations.breaches import find_balance_breaches, find_total_row_breaches

LEADS = 0.85  # how sure a single proposal is
TIES = 0.08  # how sure what is named in a tie is
MOST_TIES = 4
NAMED = 0.75  # how sure a tie is as a whole


def propose(
    rows: pd.DataFrame,
    reports: Sequence[Report],
    form: Form,
    *,
    stocks_before: pd.DataFrame | None = None,
    stocks_after: pd.DataFrame | None = None,
) -> Mapping[int, Repair]:
    """Find, for every row that breaks a balance or is no sum of its sheet, what was probably meant.

    `rows` are stacked as `etl.check` stacks a batch; a column `previous` stands for `stocks_before`. Both stocks have
    the shape of `etl.neighbours.find_previous_stocks`, with the closing stock of the period before and the opening
    stock of the period after in `previous`. *Shape*: position of the row → what is proposed. Nothing is applied.
    """
    broken = _broken(rows, form)
    if not broken:
        return {}
    batch = Batch.of(
        rows,
        reports,
        form,
        (_stock(rows, stocks_before), _stock(rows.drop(columns="previous", errors="ignore"), stocks_after)),
    )
    found: dict[int, Repair] = {}
    for sheet in _sheets(rows, broken):
        ordered = SheetRows(tuple(sheet.tolist()), covers_of(rows, sheet, batch.counts))
        found |= _Sheet(batch, ordered, broken.intersection(ordered.positions)).repairs()
    return dict(sorted(found.items()))


def _broken(rows: pd.DataFrame, form: Form) -> set[int]:
    """Find the rows to look at: a balance broken, a number below zero, or a total that is no sum."""
    measures = [m for m in form.measure_names if m in rows]
    found = {
        int(position)
        for breaches in find_balance_breaches(rows, form.balances).values()
        for breach in breaches
        for position in breach.positions
    }
    for measure in measures:
        found |= set(np.flatnonzero((rows[measure] < 0).to_numpy(dtype=bool, na_value=False)).tolist())
    if (rows["kind"] == "total").any():
        found |= {int(position) for position in find_total_row_breaches(rows, measures)["position"]}
    return found


def _sheets(rows: pd.DataFrame, broken: set[int]) -> list[npt.NDArray[np.intp]]:
    """Give the positions of each sheet that holds a broken row, from top to bottom."""
    among = np.flatnonzero(rows["report"].isin(rows["report"].iloc[sorted(broken)].unique()).to_numpy())
    groups = rows.iloc[among].groupby(["report", "sheet"], sort=True, dropna=False).indices.values()
    lines = rows["row"].to_numpy()
    sheets = [among[group] for group in groups]
    return [sheet[np.argsort(lines[sheet], kind="stable")] for sheet in sheets if broken.intersection(sheet.tolist())]


def _stock(rows: pd.DataFrame, stocks: pd.DataFrame | None) -> Counts:
    """Give each row of a field the stock of its neighbouring period. *Missing*: NaN."""
    if stocks is not None:
        rows = with_previous(rows, stocks)
    if "previous" not in rows:
        return np.full(len(rows), np.nan)
    known = rows["previous"].to_numpy(dtype="float64", na_value=np.nan)
    return np.where(rows["kind"].to_numpy() == "field", known, np.nan)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The rows of one sheet, and which of them are broken."""

    batch: Batch
    sheet: SheetRows
    broken: set[int]

    def repairs(self) -> dict[int, Repair]:
        """Judge the rows of fields, each twice where others are broken too, then the sums over them."""
        fields = sorted(self.broken - {cover.position for cover in self.sheet.covers})
        ranked = {position: rank(self.batch, self.sheet, position, {}) for position in fields}
        if len(fields) > 1:
            changes = self._changes(ranked)
            besides = {p: {q: change for q, change in changes.items() if q != p} for p in fields}
            ranked = {p: rank(self.batch, self.sheet, p, besides[p]) for p in fields}
        found = {position: self._tell(position, ranked[position]) for position in fields}
        changes = self._changes(ranked)
        for cover in self.sheet.covers:
            if cover.position in self.broken:
                found[cover.position] = self._judge_cover(cover, changes, found)
        return found

    def _changes(self, ranked: Mapping[int, Ranked]) -> dict[int, Counts]:
        likeliest = {p: (r.plan, hypothesis) for p, r in ranked.items() if (hypothesis := r.likeliest())}
        return {p: self.batch.change(p, plan, hypothesis) for p, (plan, hypothesis) in likeliest.items()}

    def _judge_cover(self, cover: Cover, changes: Mapping[int, Counts], found: Mapping[int, Repair]) -> Repair:
        """Blame the rows under a sum where they explain it; else look at the sum itself."""
        blamed = [p for p in cover.members if p in found]
        moved = sum((changes[p] for p in blamed if p in changes), np.zeros(len(self.batch.measures)))
        if blamed and cover.follows(moved, self.batch.form, self.batch.measures):
            lines = [int(self.batch.rows["row"].to_numpy()[p]) for p in blamed]
            return compose_blame(cover.position, [found[p] for p in blamed], lines)
        return self._tell(cover.position, rank(self.batch, self.sheet, cover.position, changes))

    def _tell(self, position: int, ranked: Ranked) -> Repair:
        """Propose what clearly leads, else what ties, else nothing."""
        shown = [(share, h) for share, h in ranked.shares if share >= TIES][:MOST_TIES]
        proposals = tuple(self._proposal(position, ranked.plan, *pair) for pair in shown)
        if proposals and proposals[0].share >= LEADS:
            return compose_reason(Repair(position, proposals[0], (), None, ("", "")), None)
        left = ranked.left_out
        is_named = sum(share for share, _ in shown) + (left.share if left else 0.0) >= NAMED
        ties = proposals if is_named else ()
        if left is None or left.share < max([TIES, *(proposal.share for proposal in ties)]):
            return compose_reason(Repair(position, None, ties, None, ("", "")), None)
        hint = compose_left_out(self.batch.form, left.balance, left.gap)
        ties = () if left.share >= LEADS else ties
        return compose_reason(Repair(position, None, ties, left.gap, ("", "")), hint)

    def _proposal(self, position: int, plan: Plan, share: float, hypothesis: Hypothesis) -> Proposal:
        batch = self.batch
        return compose_proposal(
            batch.form,
            batch.report(position),
            batch.rows.iloc[position],
            position=position,
            plan=plan,
            typed=tuple(batch.typed(position, plan).tolist()),
            hypothesis=hypothesis,
            share=share,
            support=self._support(position, batch.change(position, plan, hypothesis)),
        )

    def _support(self, position: int, change: Counts) -> Support:
        """Say what else agrees once a row changes."""
        touched = [cover for cover in self.sheet.covers if np.any(np.nan_to_num(cover.gaps) * change)]
        fits = any(position in c.members and c.agrees(change) for c in touched)
        is_sum = any(position == c.position and c.agrees(-change) for c in touched)
        return Support(float(self.batch.before[position]), float(self.batch.after[position]), fits, is_sum)
