"""A batch of rows as numbers, and what each row is held against: its edition, its neighbours, its periods."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.forms import Form
from etl.model import Report
from etl.repairing.covers import Cover
from etl.repairing.hypotheses import Hypothesis, TypedRow, UsualCounts
from etl.repairing.plans import Plan, Whole, plan_of
from etl.repairing.slips import size_rate
from expectations.breaches import counts_of

STOCKS_CONTINUE = 0.8  # how often an opening stock is the closing stock before

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as numbers, and what they are held against.

    *Shape*: `counts` is rows × `measures`; `before` and `after` are the stocks of the neighbouring periods, one per
    row. *Missing*: NaN.
    """

    rows: pd.DataFrame
    reports: Sequence[Report]
    form: Form
    measures: tuple[str, ...]
    counts: Counts
    usual: tuple[UsualCounts, ...]
    before: Counts
    after: Counts

    @classmethod
    def of(cls, rows: pd.DataFrame, reports: Sequence[Report], form: Form, stocks: tuple[Counts, Counts]) -> "Batch":
        measures = tuple(m for m in form.measure_names if m in rows)
        counts = counts_of(rows, measures)
        fields = counts[(rows["kind"] == "field").to_numpy()]
        usual = tuple(UsualCounts.of_column(column) for column in fields.T)
        return cls(rows, reports, form, measures, counts, usual, *stocks)

    def report(self, position: int) -> Report:
        return self.reports[int(self.rows["report"].to_numpy()[position])]

    def plan(self, position: int) -> Plan:
        """Give what can be changed in a row: the measures it reports, from left to right."""
        sheet = str(self.rows["sheet"].to_numpy()[position])
        letters = self.report(position).columns.get(sheet, {})
        reported = [m for m, count in zip(self.measures, self.counts[position], strict=True) if not np.isnan(count)]
        places = {m: _place(letters.get(m), i) for i, m in enumerate(self.measures)}
        return plan_of(self.form.balances, tuple(sorted(reported, key=lambda m: places[m])))

    def columns(self, plan: Plan) -> list[int]:
        return [self.measures.index(m) for m in plan.measures]

    def typed(self, position: int, plan: Plan) -> Whole:
        typed: Whole = self.counts[position][self.columns(plan)].astype(np.int64)
        return typed

    def change(self, position: int, plan: Plan, hypothesis: Hypothesis) -> Counts:
        """Give by how much a row changes if a hypothesis is true, for all measures."""
        change = np.zeros(len(self.measures))
        columns = self.columns(plan)
        change[columns] = np.array(hypothesis.meant) - self.counts[position][columns]
        return change

    def typed_row(self, position: int, plan: Plan, around: tuple[int | None, int | None]) -> TypedRow:
        """Give a row with what stands above and below it (`around`: positions)."""
        columns = self.columns(plan)
        above, below = (() if other is None else self._beside(other, columns) for other in around)
        usual = tuple(self.usual[c] for c in columns)
        return TypedRow(tuple(self.typed(position, plan).tolist()), above, below, usual)

    def _beside(self, position: int, columns: list[int]) -> tuple[int, ...]:
        """Give the numbers of a row, -1 where nothing stands."""
        return tuple(np.nan_to_num(self.counts[position][columns], nan=-1).astype(np.int64).tolist())

    def evidence_of_stocks(self, position: int, change: Counts) -> float:
        """Weigh a change of a row by the stocks of the neighbouring periods."""
        total = 0.0
        for roll in self.form.roll_forwards[:1]:
            for measure, stocks in ((roll.opening, self.before), (roll.closing, self.after)):
                if measure in self.measures:
                    column = self.measures.index(measure)
                    total += _evidence_of_stock(self.counts[position][column] + change[column], stocks[position])
        return total


def _place(letters: str | None, place: int) -> tuple[int, str, int]:
    return (len(letters), letters, place) if letters else (9, "", place)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The positions of a sheet's rows from top to bottom, and which of them sum up others."""

    positions: tuple[int, ...]
    covers: tuple[Cover, ...]

    def around(self, position: int) -> tuple[int | None, int | None]:
        """Give the rows above and below one."""
        place = self.positions.index(position)
        above = self.positions[place - 1] if place else None
        return above, self.positions[place + 1] if place + 1 < len(self.positions) else None


def _evidence_of_stock(count: float, stock: float) -> float:
    """Weigh a stock against that of the neighbouring period: mostly the same, else anything near."""
    if np.isnan(stock) or np.isnan(count):
        return 0.0
    if count == stock:
        return float(np.log(STOCKS_CONTINUE))
    return float(np.log((1 - STOCKS_CONTINUE) * size_rate(int(count - stock)) / 2))
