"""Which cell of a broken row is probably wrong, and what it should be: proposed, never applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.covers import UNEXPLAINED, Cover, covers_of, evidence_of_totals
from etl.forms import Form
from etl.hypotheses import Hypothesis, Plan, TypedRow, find_hypotheses, plan_of
from etl.model import Report
from etl.neighbours import with_previous
from etl.proposals import Proposal, Repair, Support, compose_left_out, compose_proposal, compose_reason
from etl.slips import size_rate
from expectations.breaches import counts_of, find_balance_breaches, find_total_row_breaches

LEADS = 0.9  # how sure a single proposal is
TIES = 0.08  # what stays beside it is named with it
MOST_TIES = 4
LEFT_OUT = 1.0  # how often dossiers are left out of a column, against a slip in a given cell
UNKNOWN = 0.01  # how often an equation is broken by what no hypothesis knows
STOCKS_CONTINUE = 0.7  # how often an opening stock is the closing stock before

Counts = npt.NDArray[np.float64]


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
    the shape of `etl.neighbours.find_previous_stocks`: the closing stock of the period before, and the opening stock
    of the period after. *Shape*: position of the row → what is proposed. Nothing is applied.
    """
    measures = [m for m in form.measure_names if m in rows]
    table = _Table.of(rows, reports, form, measures)
    broken = _broken(rows, form, measures, table.counts)
    if not broken:
        return {}
    table = replace(table, before=_stock(rows, stocks_before), after=_following(rows, stocks_after))
    found: dict[int, Repair] = {}
    for sheet in _sheets(rows, broken):
        found |= _Sheet(table, covers_of(rows, sheet, table.counts), broken.intersection(sheet.tolist())).repairs()
    return dict(sorted(found.items()))


def _broken(rows: pd.DataFrame, form: Form, measures: list[str], counts: Counts) -> set[int]:
    """Find the rows to look at: a balance broken, a number below zero, or a total that is no sum."""
    found = {
        int(position)
        for breaches in find_balance_breaches(rows, form.balances).values()
        for breach in breaches
        for position in breach.positions
    }
    found |= set(np.flatnonzero((counts < 0).any(axis=1)).tolist())
    if (rows["kind"] == "total").any():
        found |= {int(position) for position in find_total_row_breaches(rows, measures)["position"]}
    return found


def _sheets(rows: pd.DataFrame, broken: set[int]) -> list[npt.NDArray[np.intp]]:
    """Give the positions of each sheet that holds a broken row."""
    concerned = rows["report"].isin(rows["report"].iloc[sorted(broken)].unique()).to_numpy()
    among = np.flatnonzero(concerned)
    groups = rows.iloc[among].groupby(["report", "sheet"], sort=True, dropna=False).indices.values()
    return [among[np.sort(group)] for group in groups if broken.intersection(among[group].tolist())]


def _stock(rows: pd.DataFrame, stocks: pd.DataFrame | None) -> Counts:
    if stocks is not None:
        rows = with_previous(rows, stocks)
    if "previous" not in rows:
        return np.full(len(rows), np.nan)
    return rows["previous"].to_numpy(dtype="float64", na_value=np.nan)


def _following(rows: pd.DataFrame, stocks: pd.DataFrame | None) -> Counts:
    return np.full(len(rows), np.nan) if stocks is None else _stock(rows, stocks)


@dataclass(frozen=True, slots=True)
class _Table:
    """The batch as numbers, and what it is held against."""

    rows: pd.DataFrame
    reports: Sequence[Report]
    form: Form
    measures: tuple[str, ...]
    counts: Counts
    zeros: tuple[float, ...]
    before: Counts
    after: Counts

    @classmethod
    def of(cls, rows: pd.DataFrame, reports: Sequence[Report], form: Form, measures: list[str]) -> "_Table":
        counts = counts_of(rows, measures)
        fields = counts[(rows["kind"] == "field").to_numpy()]
        zeros = ((fields == 0).sum(axis=0) + 1) / ((~np.isnan(fields)).sum(axis=0) + 2)
        nothing = np.full(len(rows), np.nan)
        return cls(rows, reports, form, tuple(measures), counts, tuple(zeros.tolist()), nothing, nothing)

    def printed(self, position: int) -> tuple[str, ...]:
        """Give the measures a row reports, from left to right."""
        letters = self.reports[self.rows["report"].iat[position]].columns.get(self.rows["sheet"].iat[position], {})
        reported = [m for m, count in zip(self.measures, self.counts[position], strict=True) if not np.isnan(count)]
        return tuple(sorted(reported, key=lambda m: _column_order(letters.get(m), self.measures.index(m))))

    def columns(self, measures: Sequence[str]) -> list[int]:
        return [self.measures.index(m) for m in measures]


def _column_order(letters: str | None, place: int) -> tuple[int, str, int]:
    return (len(letters), letters, place) if letters else (9, "", place)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The hypotheses on a row, the likelier first, each with its share of all that may have happened."""

    plan: Plan
    shares: tuple[tuple[float, Hypothesis], ...]
    left_out: tuple[float, str, int] | None = None

    def lead(self) -> Hypothesis | None:
        return self.shares[0][1] if self.shares and self.shares[0][0] >= 0.5 else None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The rows of one sheet, the rows that sum up others, and which are broken."""

    table: _Table
    covers: tuple[Cover, ...]
    broken: set[int]

    def repairs(self) -> dict[int, Repair]:
        sums = {cover.position for cover in self.covers}
        fields = sorted(self.broken - sums)
        ranked = {position: self._rank(position, {}) for position in fields}
        if len(fields) > 1:
            changes = self._changes(ranked)
            ranked = {p: self._rank(p, {q: c for q, c in changes.items() if q != p}) for p in fields}
        found = {position: self._tell(position, ranked[position]) for position in fields}
        changes = self._changes(ranked)
        for cover in self.covers:
            if cover.position in self.broken:
                found[cover.position] = self._judge_cover(cover, changes, found)
        return found

    def _changes(self, ranked: Mapping[int, _Ranked]) -> dict[int, Counts]:
        """Give by how much each row changes if the hypothesis that leads is true, for all measures."""
        leads = {p: (r.plan, lead) for p, r in ranked.items() if (lead := r.lead())}
        return {p: self._change(p, plan, lead) for p, (plan, lead) in leads.items()}

    def _change(self, position: int, plan: Plan, hypothesis: Hypothesis) -> Counts:
        change = np.zeros(len(self.table.measures))
        columns = self.table.columns(plan.measures)
        change[columns] = np.array(hypothesis.meant) - self.table.counts[position][columns]
        return change

    def _rank(self, position: int, others: Mapping[int, Counts]) -> _Ranked:
        """Weigh all that may have happened to a row, with `others` changed as given."""
        table = self.table
        plan = plan_of(table.form.balances, table.printed(position))
        covers = [(c, sum((others[p] for p in c.members if p in others), 0.0)) for c in self.covers if position in c]
        own = next((c for c in self.covers if c.position == position), None)
        columns = table.columns(plan.measures)
        typed = table.counts[position][columns].astype(np.int64)
        gaps = [c.gaps - moved for c, moved in covers] + ([self._own_gaps(own, others)] if own else [])
        likely = [typed + np.nan_to_num(gap[columns]).astype(np.int64) for gap in gaps]
        hypotheses = find_hypotheses(plan, self._typed_row(position, plan), likely=likely)
        speaks = []
        for hypothesis in hypotheses:
            change = self._change(position, plan, hypothesis)
            of_totals = sum(evidence_of_totals(c, change, moved, table.form, table.measures) for c, moved in covers)
            of_totals += own.evidence_of_own(change, self._own_gaps(own, others)) if own else 0.0
            speaks.append(of_totals + self._evidence_of_stocks(position, change))
        pinned = sum(1 for gap in gaps if np.any(np.nan_to_num(gap)))
        return self._shared(plan, typed, hypotheses, speaks, pinned=pinned)

    def _own_gaps(self, own: Cover, others: Mapping[int, Counts]) -> Counts:
        """Give what a sum is short of its rows, these changed as given."""
        return -(own.gaps - sum((others[p] for p in own.members if p in others), 0.0))

    def _shared(
        self,
        plan: Plan,
        typed: npt.NDArray[np.int64],
        hypotheses: list[Hypothesis],
        speaks: list[float],
        *,
        pinned: int,
    ) -> _Ranked:
        """Share certainty out among the hypotheses, dossiers left out, and what nobody thought of.

        `pinned`: how many sums contradict the row as it was typed; what nobody thought of would hardly fit them.
        """
        best = max(speaks, default=0.0)
        weights = [h.weight * float(np.exp(s - best)) for h, s in zip(hypotheses, speaks, strict=True)]
        left_out = self._left_out(plan, typed)
        rest = _unknown(plan, typed) * float(np.exp(2 * UNEXPLAINED * pinned)) + (left_out[0] if left_out else 0.0)
        whole = sum(weights) + rest or 1.0
        order = sorted(range(len(weights)), key=lambda i: (-weights[i], hypotheses[i].meant))
        shares = tuple((weights[i] / whole, hypotheses[i]) for i in order)
        return _Ranked(plan, shares, (left_out[0] / whole, *left_out[1:]) if left_out else None)

    def _left_out(self, plan: Plan, typed: npt.NDArray[np.int64]) -> tuple[float, str, int] | None:
        """Weigh that dossiers were left out of a column, where that alone is broken."""
        gaps = plan.equations @ typed
        if np.count_nonzero(gaps) != 1:
            return None
        place = int(np.flatnonzero(gaps)[0])
        equation = [c for c in plan.judged if c.is_equation][place]
        balance = self.table.form.balance(equation.balance)
        gap = int(gaps[place]) * dict(equation.coefficients).get(balance.total, 0)
        if not balance.gap_hint_vi or gap <= 0:
            return None
        return LEFT_OUT / (gap * (gap + 1)), balance.name, gap

    def _typed_row(self, position: int, plan: Plan) -> TypedRow:
        columns = self.table.columns(plan.measures)
        counts = self.table.counts
        same = self._same_sheet
        above, below = (
            tuple(np.nan_to_num(counts[p][columns], nan=-1).astype(np.int64).tolist()) if same(position, p) else ()
            for p in (position - 1, position + 1)
        )
        typed = tuple(counts[position][columns].astype(np.int64).tolist())
        return TypedRow(typed, above, below, tuple(self.table.zeros[c] for c in columns))

    def _same_sheet(self, position: int, other: int) -> bool:
        rows = self.table.rows
        if not 0 <= other < len(rows):
            return False
        return all(rows[name].iat[position] == rows[name].iat[other] for name in ("report", "sheet"))

    def _evidence_of_stocks(self, position: int, change: Counts) -> float:
        table, total = self.table, 0.0
        for roll in table.form.roll_forwards[:1]:
            for measure, stocks in ((roll.opening, table.before), (roll.closing, table.after)):
                if measure in table.measures:
                    column = table.measures.index(measure)
                    total += _evidence_of_stock(table.counts[position][column] + change[column], stocks[position])
        return total

    # -----------------------------------------------------------------------------------------------------
    # Telling

    def _tell(self, position: int, ranked: _Ranked) -> Repair:
        """Propose what clearly leads, else what ties, else nothing."""
        shown = [(share, h) for share, h in ranked.shares if share >= TIES][:MOST_TIES]
        proposals = tuple(self._proposal(position, ranked.plan, *pair) for pair in shown)
        left = (
            ranked.left_out if ranked.left_out and ranked.left_out[0] >= max([TIES, *(s for s, _ in shown)]) else None
        )
        lead = proposals[0] if proposals and proposals[0].share >= LEADS else None
        named = sum(share for share, _ in shown) + (ranked.left_out[0] if ranked.left_out else 0.0)
        ties = () if lead or named < 0.8 else proposals
        hint = compose_left_out(self.table.form, left[1], left[2]) if left else None
        return compose_reason(Repair(position, lead, ties, left[2] if left else None, ("", "")), hint)

    def _proposal(self, position: int, plan: Plan, share: float, hypothesis: Hypothesis) -> Proposal:
        row = self.table.rows.iloc[position]
        report = self.table.reports[row["report"]]
        columns = self.table.columns(plan.measures)
        typed = tuple(int(count) for count in self.table.counts[position][columns])
        return compose_proposal(
            self.table.form, report, row, position=position, plan=plan, typed=typed,
            hypothesis=hypothesis, share=share, support=self._support(position, self._change(position, plan, hypothesis)),
        )  # fmt: skip

    def _support(self, position: int, change: Counts) -> Support:
        """Say what else agrees once a row changes."""
        agreed = [np.any(c.gaps * change != 0) and c.agrees(change) for c in self.covers if position in c]
        own = [np.any(c.gaps * change != 0) and c.agrees(-change) for c in self.covers if c.position == position]
        return Support(self.table.before[position], self.table.after[position], any(agreed), any(own))

    def _judge_cover(self, cover: Cover, changes: Mapping[int, Counts], found: Mapping[int, Repair]) -> Repair:
        """Blame the rows under a sum where they explain it; else look at the sum itself."""
        blamed = [p for p in cover.members if p in found]
        moved = sum((changes[p] for p in blamed if p in changes), np.zeros(len(self.table.measures)))
        if blamed and cover.follows(moved, self.table.form, self.table.measures):
            return self._blame(cover, blamed, found)
        return self._tell(cover.position, self._rank(cover.position, changes))

    def _blame(self, cover: Cover, blamed: list[int], found: Mapping[int, Repair]) -> Repair:
        if len(blamed) == 1:
            return replace(found[blamed[0]], position=cover.position, blamed=tuple(blamed))
        return compose_reason(Repair(cover.position, None, (), None, ("", ""), tuple(blamed)), None)


def _unknown(plan: Plan, typed: npt.NDArray[np.int64]) -> float:
    """Weigh that something happened that no hypothesis knows: the less likely, the more equations broke."""
    gaps = [int(g) for g in plan.equations @ typed if g] or [int(g) for g in plan.bounds @ typed if g < 0] or [1]
    return float(np.prod([UNKNOWN * size_rate(gap) for gap in gaps]))


def _evidence_of_stock(count: float, stock: float) -> float:
    """Weigh a stock against that of the neighbouring period: mostly the same, else anything near."""
    if np.isnan(stock) or np.isnan(count):
        return 0.0
    if count == stock:
        return float(np.log(STOCKS_CONTINUE))
    return float(np.log((1 - STOCKS_CONTINUE) * size_rate(int(count - stock))))
