"""What may have happened in one row: every change after which all that its balances demand holds.

A plan knows, for the measures a row reports, what can be changed together: a cell alone; a cell and the totals that
are computed from it; two of these; two cells swapped; columns shifted by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from etl.forms import Balance, Constraint, constraints
from etl.slips import RATES, Slip, find_truths, size_rate, slip_rate

Whole = npt.NDArray[np.int64]

SECOND_SLIP = 0.01  # how likely a row that holds one slip holds another
TYPED_TOTALS = 0.5  # how many sheets have their totals typed; in the others they are formulas
_LEAST_SHIFT = 3  # columns
_SMALL = 1e-12


@dataclass(frozen=True, slots=True)
class Move:
    """A cell that can be wrong, and the totals computed from it that are then wrong by as much."""

    cell: int
    followers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """Numbers in the wrong columns: `matrix` × typed row = meant row, but for the `lost` one (None: none is lost).

    `emptied` is the column that was left at 0.
    """

    slip: Slip
    cells: tuple[int, ...]
    rate: float
    lost: Move | None = None
    emptied: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What can be changed in rows that report the same measures, in the order they are printed."""

    measures: tuple[str, ...]
    judged: tuple[Constraint, ...]
    equations: Whole
    bounds: Whole
    moves: tuple[Move, ...]
    directions: Whole
    pairs: npt.NDArray[np.intp]
    solvers: npt.NDArray[np.float64]
    rearrangements: tuple[Rearrangement, ...]
    matrices: Whole
    lost: Whole  # per rearrangement, the direction of the number that was lost
    lost_effects: Whole
    parts: tuple[bool, ...]  # whether a measure is no total of others
    totals: tuple[int, ...]

    def gaps(self, row: Whole) -> Whole:
        """Give what the equations leave over: 0 where they hold."""
        return self.equations @ row

    def holds(self, rows: Whole) -> npt.NDArray[np.bool_]:
        """Tell, for rows × measures, where every count is ≥ 0 and every constraint holds."""
        is_balanced = (rows @ self.equations.T == 0).all(axis=1)
        within: npt.NDArray[np.bool_] = is_balanced & (rows >= 0).all(axis=1) & (rows @ self.bounds.T >= 0).all(axis=1)
        return within


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row as it was typed, and what lies around it.

    `above`, `below`: the rows next to it, -1 where nothing stands. `zeros`: how often each measure is 0 in the batch.
    """

    counts: tuple[int, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]
    zeros: tuple[float, ...]

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
            lost = size_rate(int(meant[i][how.lost.cell])) if how.lost else 1.0
            yield tuple(meant[i].tolist()), tuple((c, how.slip) for c in changed), how.rate * lost


def _way(plan: Plan, row: TypedRow, meant: Whole, moves: tuple[int, ...]) -> Way:
    """Weigh typing slips: how likely each is, and how usual what was meant is against what was typed."""
    weight, mistyped = 1.0, []
    for i in moves:
        move = plan.moves[i]
        truth, typed = int(meant[move.cell]), row.counts[move.cell]
        totals = [row.counts[t] for t in plan.totals if t != move.cell]
        rate, slip = slip_rate(truth, typed, beside=row.beside(move.cell), totals=totals)
        usual = _usual(truth, row.zeros[move.cell]) / _usual(typed, row.zeros[move.cell])
        weight *= rate * (usual if plan.parts[move.cell] else 1.0)
        weight *= (1 - TYPED_TOTALS) if move.followers else TYPED_TOTALS
        mistyped.append((move.cell, slip))
    return tuple(meant.tolist()), tuple(sorted(mistyped)), weight * SECOND_SLIP ** (len(moves) - 1)


def _usual(number: int, zeros: float) -> float:
    """Give how usual a number is for a measure that is 0 so often."""
    return zeros if number == 0 else (1 - zeros) * size_rate(number)


# ---------------------------------------------------------------------------------------------------------
# Plans: what depends only on which measures a row reports


@cache
def plan_of(balances: tuple[Balance, ...], measures: tuple[str, ...]) -> Plan:
    """Build the plan for rows that report these measures, given in the order they are printed."""
    judged = constraints(balances, frozenset(measures))
    equations = _matrix([c for c in judged if c.is_equation], measures)
    bounds = _matrix([c for c in judged if not c.is_equation], measures)
    moves = tuple(_moves(balances, measures))
    directions = np.array([_direction(m, len(measures)) for m in moves], dtype=np.int64).reshape(-1, len(measures))
    pairs, solvers = _pairs(moves, directions @ equations.T)
    parents = _parents(balances)
    followed = {i for move in moves for i in move.followers}
    parts = tuple(i not in followed for i in range(len(measures)))
    totals = tuple(i for i, m in enumerate(measures) if i in followed and m in {b.total for b in balances})
    rearranged = list(_rearrangements(moves, parts, totals, parents, measures))
    matrices = np.array([matrix for _, matrix in rearranged], dtype=np.int64).reshape(-1, len(measures), len(measures))
    nothing = [0] * len(measures)
    lost = [_direction(how.lost, len(measures)) if how.lost else nothing for how, _ in rearranged]
    lost_moves = np.array(lost, dtype=np.int64).reshape(-1, len(measures))
    return Plan(
        measures, judged, equations, bounds, moves, directions, pairs, solvers,
        tuple(how for how, _ in rearranged), matrices, lost_moves, lost_moves @ equations.T, parts, totals,
    )  # fmt: skip


def _matrix(judged: list[Constraint], measures: tuple[str, ...]) -> Whole:
    rows = [[dict(c.coefficients).get(m, 0) for m in measures] for c in judged]
    return np.array(rows, dtype=np.int64).reshape(-1, len(measures))


def _parents(balances: tuple[Balance, ...]) -> dict[str, str]:
    """Give the total that each measure is added into; of a total with two balances, the first defines it."""
    defining = {}
    for balance in balances:
        defining.setdefault(balance.total, balance)
    return {part: balance.total for balance in defining.values() for part in balance.parts}


def _ancestors(measure: str, parents: dict[str, str], measures: tuple[str, ...]) -> list[int]:
    found = []
    while measure in parents:
        measure = parents[measure]
        if measure in measures:
            found.append(measures.index(measure))
    return found


def _moves(balances: tuple[Balance, ...], measures: tuple[str, ...]) -> Iterator[Move]:
    parents = _parents(balances)
    for cell, measure in enumerate(measures):
        ancestors = _ancestors(measure, parents, measures)
        for count in range(len(ancestors) + 1):
            yield Move(cell, tuple(ancestors[:count]))


def _direction(move: Move, width: int) -> list[int]:
    return [int(i == move.cell or i in move.followers) for i in range(width)]


def _pairs(moves: tuple[Move, ...], effects: Whole) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """List the pairs of moves that the equations can tell apart, each with what solves for its two steps."""
    chosen, solvers = [], []
    for one, two in combinations(range(len(moves)), 2):
        both = effects[[one, two]].T.astype(np.float64)
        if moves[one].cell != moves[two].cell and both.size and np.linalg.matrix_rank(both) == 2:
            chosen.append((one, two))
            solvers.append(np.linalg.pinv(both))
    return np.array(chosen, dtype=np.intp).reshape(-1, 2), np.array(solvers).reshape(len(chosen), 2, effects.shape[1])


def _rearrangements(
    moves: tuple[Move, ...],
    parts: tuple[bool, ...],
    totals: tuple[int, ...],
    parents: dict[str, str],
    measures: tuple[str, ...],
) -> Iterator[tuple[Rearrangement, Whole]]:
    """List swaps and shifts: of all columns where totals are typed, of the others where they are computed."""
    width = len(measures)
    leaves = [i for i in range(width) if parts[i]]
    adds = {i: _ancestors(measures[i], parents, measures) for i in leaves}
    for columns, is_computed in ((list(range(width)), False), (leaves, True)):
        share = 1 - TYPED_TOTALS if is_computed else TYPED_TOTALS
        followers = adds if is_computed else {}
        neighbours = list(zip(columns, columns[1:], strict=False))
        across = [] if is_computed else [pair for pair in combinations(totals, 2) if pair not in neighbours]
        for pair in neighbours + across:
            rate = RATES[Slip.CELLS_SWAPPED] * share * (1.0 if pair in neighbours else 0.2)
            order = {pair[0]: pair[1], pair[1]: pair[0]}
            yield Rearrangement(Slip.CELLS_SWAPPED, pair, rate), _moved(order, width, followers)
        for window in _windows(columns):
            lost = next(
                m for m in moves if m.cell == window[-1] and m.followers == tuple(followers.get(window[-1], ()))
            )
            order = dict(zip(window, window[1:], strict=False))
            how = Rearrangement(Slip.SHIFTED, tuple(window), RATES[Slip.SHIFTED] * share, lost, window[0])
            yield how, _moved(order, width, followers)


def _windows(columns: list[int]) -> Iterator[list[int]]:
    """List the stretches of columns in which numbers can stand one too far, to the right and to the left."""
    for first, last in combinations(range(len(columns)), 2):
        if last - first + 1 >= _LEAST_SHIFT:
            yield columns[first : last + 1]
            yield columns[first : last + 1][::-1]


def _moved(order: dict[int, int], width: int, followers: dict[int, list[int]]) -> Whole:
    """Build the matrix that takes each cell from another, and the totals computed from it along."""
    change = np.zeros((width, width), dtype=np.int64)
    for cell, source in order.items():
        change[cell, source] += 1
        change[cell, cell] -= 1
    for cell, above in followers.items():
        for total in above:
            change[total] += change[cell]
    return np.eye(width, dtype=np.int64) + change
