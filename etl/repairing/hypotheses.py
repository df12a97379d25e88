"""What may have happened in one row: every change after which all that its balances demand holds, and its weight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from etl.repairing.plans import TYPED_TOTALS, Move, Plan, Whole
from etl.repairing.slips import Slip, find_truths, slip_rate

SECOND_SLIP = 0.01  # how likely a row that holds one slip holds another
TRUST_IN_USUAL = 0.6  # below 1: a hand may slip where the numbers are unusual, too
SIZES = 31  # bits of the largest count
_NO_BATCH = (0.4, *(0.6 / (2 ** (i / 4)) / 6.2 for i in range(SIZES - 1)))  # sums to about 1
_WEIGHT_OF_FIRST = 20.0  # rows


@dataclass(frozen=True, slots=True)
class UsualCounts:
    """How often a measure holds a number, by size: 0, 1, 2 to 3, 4 to 7 and so on."""

    by_size: tuple[float, ...]

    @classmethod
    def of_column(cls, counts: npt.NDArray[np.float64], usual: "UsualCounts | None" = None) -> "UsualCounts":
        """Estimate from what a batch reports; `usual` speaks where that says little."""
        known = counts[counts >= 0]
        seen = np.bincount(np.minimum(_size_of(known), SIZES - 1), minlength=SIZES)
        first = np.array(usual.by_size if usual else _NO_BATCH)
        shares = (seen + _WEIGHT_OF_FIRST * first) / (len(known) + _WEIGHT_OF_FIRST)
        return cls(tuple(shares.tolist()))

    def of(self, number: int) -> float:
        """Give how likely this very number is."""
        size = min(abs(number).bit_length(), SIZES - 1)
        return self.by_size[size] / (1 << max(size - 1, 0))


def _size_of(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.ceil(np.log2(counts + 1)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row as it was typed, and what lies around it.

    `above`, `below`: the rows next to it, -1 where nothing stands. `usual`: which numbers each measure mostly holds.
    """

    counts: tuple[int, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]
    usual: tuple[UsualCounts, ...]

    def beside(self, cell: int) -> list[int]:
        """Give the numbers left, right, above and below of a cell."""
        left = [self.counts[cell - 1]] if cell else []
        right = [self.counts[cell + 1]] if cell + 1 < len(self.counts) else []
        return left + right + [row[cell] for row in (self.above, self.below) if row and row[cell] >= 0]


@dataclass(slots=True)
class Hypothesis:
    """What a row was meant to say, and how it may have come to say something else.

    `weight` is how likely that is, against the other hypotheses on the row; `mistyped` are the cells that were
    typed wrong (what else differs from `meant` was computed from them).
    """

    meant: tuple[int, ...]
    mistyped: tuple[tuple[int, Slip], ...]
    weight: float
    best: float = field(default=0.0)


def find_hypotheses(plan: Plan, row: TypedRow, *, likely: Sequence[Whole] = ()) -> list[Hypothesis]:
    """Find what a broken row may have meant to say; each meaning once, with the weight of all ways to it.

    `likely`: rows that something else speaks for, such as the sheet's own total row.
    """
    found: dict[tuple[int, ...], Hypothesis] = {}
    typed = np.array(row.counts, dtype=np.int64)
    for meant, mistyped, weight in _ways(plan, row, typed, likely):
        known = found.setdefault(meant, Hypothesis(meant, mistyped, 0.0))
        known.weight += weight
        if weight > known.best:
            known.mistyped, known.best = mistyped, weight
    found.pop(row.counts, None)
    for hypothesis in found.values():
        hypothesis.weight *= _usual(plan, row, hypothesis.meant)
    return sorted(found.values(), key=lambda h: (-h.weight, h.meant))


Way = tuple[tuple[int, ...], tuple[tuple[int, Slip], ...], float]


def _ways(plan: Plan, row: TypedRow, typed: Whole, likely: Sequence[Whole]) -> Iterator[Way]:
    gaps = plan.gaps(typed)
    if gaps.any():
        yield from _single_ways(plan, row, typed, gaps)
        yield from _double_ways(plan, row, typed, gaps)
    else:
        yield from _bounded_ways(plan, row, typed)
    yield from _rearranged_ways(plan, row, typed)
    for meant in likely:
        yield from _likely_ways(plan, row, typed, meant)


def _single_ways(plan: Plan, row: TypedRow, typed: Whole, gaps: Whole) -> Iterator[Way]:
    """Change one cell by what the broken equations agree on."""
    effects = plan.directions @ plan.equations.T
    sizes = (effects * effects).sum(axis=1)
    steps = -(effects @ gaps) // np.maximum(sizes, 1)
    meant = typed + steps[:, None] * plan.directions
    for i in np.flatnonzero(plan.holds(meant)).tolist():
        yield _way(plan, row, meant[i], (i,))


def _double_ways(plan: Plan, row: TypedRow, typed: Whole, gaps: Whole) -> Iterator[Way]:
    """Change two cells, where the broken equations say by how much each."""
    if not len(plan.pairs):
        return
    steps = np.rint(-(plan.solvers @ gaps)).astype(np.int64)
    first, second = plan.directions[plan.pairs[:, 0]], plan.directions[plan.pairs[:, 1]]
    meant = typed + steps[:, :1] * first + steps[:, 1:] * second
    fits = plan.holds(meant) & (steps != 0).all(axis=1)
    for i in np.flatnonzero(fits).tolist():
        yield _way(plan, row, meant[i], tuple(plan.pairs[i].tolist()))


def _bounded_ways(plan: Plan, row: TypedRow, typed: Whole) -> Iterator[Way]:
    """Change one cell by a slip that can be undone: bounds alone do not say by how much."""
    for i, move in enumerate(plan.moves):
        truths = np.array(find_truths(row.counts[move.cell]), dtype=np.int64)
        meant = typed + (truths - typed[move.cell])[:, None] * plan.directions[i]
        for k in np.flatnonzero(plan.holds(meant)).tolist():
            yield _way(plan, row, meant[k], (i,))


def _likely_ways(plan: Plan, row: TypedRow, typed: Whole, meant: Whole) -> Iterator[Way]:
    """Take a row that something else speaks for, where at most two slips lead from it to what was typed."""
    changed = set(np.flatnonzero(meant != typed).tolist())
    if not changed or len(changed) > 4 or not plan.holds(meant[None, :])[0]:
        return
    fitting = [i for i, move in enumerate(plan.moves) if {move.cell, *move.followers} <= changed]
    for chosen in ((i,) for i in fitting):
        if (meant - typed == (meant - typed)[plan.moves[chosen[0]].cell] * plan.directions[chosen[0]]).all():
            yield _way(plan, row, meant, chosen)
    for one, two in combinations(fitting, 2):
        if _is_sum(meant - typed, plan.directions[one], plan.directions[two], plan.moves[one], plan.moves[two]):
            yield _way(plan, row, meant, (one, two))


def _is_sum(change: Whole, first: Whole, second: Whole, one: Move, two: Move) -> bool:
    if one.cell in two.followers or two.cell in one.followers or one.cell == two.cell:
        return False
    return bool((change == change[one.cell] * first + change[two.cell] * second).all())


def _rearranged_ways(plan: Plan, row: TypedRow, typed: Whole) -> Iterator[Way]:
    """Put numbers back into the columns they were meant for; find the one that was lost from the balances."""
    if not plan.rearrangements:
        return
    meant = plan.matrices @ typed
    gaps = meant @ plan.equations.T
    sizes = (plan.lost_effects * plan.lost_effects).sum(axis=1)
    steps = -((plan.lost_effects * gaps).sum(axis=1) // np.maximum(sizes, 1))
    meant += steps[:, None] * plan.lost
    for i in np.flatnonzero(plan.holds(meant)).tolist():
        how = plan.rearrangements[i]
        if how.emptied is not None and row.counts[how.emptied]:
            continue
        changed = tuple(c for c in how.cells if meant[i][c] != typed[c])
        if len(changed) > 1:
            yield tuple(meant[i].tolist()), tuple((c, how.slip) for c in changed), how.rate


def _way(plan: Plan, row: TypedRow, meant: Whole, moves: tuple[int, ...]) -> Way:
    """Weigh typing slips, given what was meant."""
    weight, mistyped = SECOND_SLIP ** (len(moves) - 1), []
    for i in moves:
        move = plan.moves[i]
        truth, typed = int(meant[move.cell]), row.counts[move.cell]
        totals = [row.counts[t] for t in plan.totals if t != move.cell]
        usual = _usual_cell(row, move.cell, truth) if move.cell in plan.parts else 1.0
        least = min(1.0, usual ** (1 - TRUST_IN_USUAL))
        rate, slip = slip_rate(truth, typed, beside=row.beside(move.cell), totals=totals, usual=least)
        weight *= rate * ((1 - TYPED_TOTALS) if move.followers else TYPED_TOTALS)
        mistyped.append((move.cell, slip))
    return tuple(meant.tolist()), tuple(sorted(mistyped)), weight


def _usual(plan: Plan, row: TypedRow, meant: tuple[int, ...]) -> float:
    """Give how usual what was meant is, against what was typed; totals follow from their parts."""
    weight = 1.0
    for cell in plan.parts:
        if meant[cell] != row.counts[cell]:
            weight *= _usual_cell(row, cell, meant[cell])
    return float(weight**TRUST_IN_USUAL)


def _usual_cell(row: TypedRow, cell: int, truth: int) -> float:
    return row.usual[cell].of(truth) / row.usual[cell].of(row.counts[cell])
