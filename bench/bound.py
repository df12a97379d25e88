"""What could be told at best: somebody who knows how the sheets were made and how each slip was injected.

He is told that there is one typing slip, and whether totals are formulas. He weighs every slip that leads to the sheet
as it is by how often each number really stands in each column, and always names the likeliest: where two different
slips give the same sheet, nothing else tells them apart.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from bench.coherent import CLOSING, MEASURES, OPENING, TOTAL_OF, Counts, is_broken, make_sheet
from bench.injected import TYPING, outcomes
from bench.trials import CONTINUES, PARTS, Trial, beside


@dataclass(frozen=True, slots=True)
class Guess:
    """What he would name: how sure he is, whether he is right, whether nothing else was possible."""

    certainty: float
    is_right: bool
    is_only: bool


@dataclass(frozen=True, slots=True)
class Oracle:
    """Knows how often each number stands in each column."""

    usual: tuple[Counter[int], ...]

    @classmethod
    def of(cls, rng: np.random.Generator) -> "Oracle":
        rows = np.vstack([make_sheet(rng, continues=1.0).rows for _ in range(2000)])
        return cls(tuple(Counter(rows[:, i].tolist()) for i in range(len(MEASURES))))

    def guess(self, trial: Trial) -> Guess:
        """Name the likeliest meaning of a sheet that holds one typing slip."""
        row, total = trial.rows_wrong[0], len(trial.sheet.rows)
        weights = {c: w for c in _columns(trial) if (w := self._weight(trial, row, c, total)) > 0}
        if not weights:
            return Guess(0.0, False, False)
        column = max(weights, key=lambda c: weights[c])
        truth = _truth(trial, row, column)
        is_right = truth is not None and bool((_mended(trial, row, column, truth) == trial.meant[row]).all())
        return Guess(weights[column] / sum(weights.values()), is_right, len(weights) == 1)

    def _weight(self, trial: Trial, row: int, column: int, total: int) -> float:
        """Weigh that this cell alone was mistyped."""
        typed, truth = trial.typed, _truth(trial, row, column)
        if truth is None or not _fits_total(trial, row, column, truth, total):
            return 0.0
        was = int(typed[row, column])
        near = beside(typed, row, column)
        weight = sum(_share(outcomes(kind, truth, near), was) for kind in TYPING)
        if row < total and column in PARTS:
            weight *= (self.usual[column][truth] + 0.1) / (self.usual[column][was] + 0.1)
        return weight * (_fits_stocks(trial, row, column, truth) if row < total else 1.0)


def _columns(trial: Trial) -> list[int]:
    return PARTS if trial.scene.has_formulas else list(range(len(MEASURES)))


def _share(found: list[int], typed: int) -> float:
    return found.count(typed) / len(found) if found else 0.0


def _mended(trial: Trial, row: int, column: int, truth: int) -> Counts:
    changed: Counts = trial.typed[row].copy()
    step = truth - changed[column]
    changed[column] += step
    if trial.scene.has_formulas:
        changed[TOTAL_OF[column]] += step
    return changed


def _truth(trial: Trial, row: int, column: int) -> int | None:
    """Find the one number in this cell that makes the row hold."""
    typed = trial.typed[row]
    flow = int(typed[0] - typed[4] - typed[8])
    blocks = {t: int(typed[t] - sum(typed[p] for p, of in TOTAL_OF.items() if of == t)) for t in set(TOTAL_OF.values())}
    steps = {-flow, flow, *blocks.values(), *(-gap for gap in blocks.values())} - {0}
    for step in sorted(steps):
        truth = int(typed[column]) + step
        if truth >= 0 and not is_broken(_mended(trial, row, column, truth)):
            return truth
    return None


def _fits_total(trial: Trial, row: int, column: int, truth: int, total: int) -> bool:
    if not trial.scene.has_total_row or trial.scene.has_formulas:
        return True
    rows = trial.typed.copy()
    rows[row] = _mended(trial, row, column, truth)
    return bool((rows[:total].sum(axis=0) == rows[total]).all())


def _fits_stocks(trial: Trial, row: int, column: int, truth: int) -> float:
    if not trial.scene.has_neighbours:
        return 1.0
    meant, weight = _mended(trial, row, column, truth), 1.0
    for place, stocks in ((OPENING, trial.sheet.before), (CLOSING, trial.sheet.after)):
        gap = abs(int(meant[place] - stocks[row]))
        weight *= CONTINUES + 0.05 if gap == 0 else (1 - CONTINUES) * 0.5 ** min(gap, 8)
    return weight
