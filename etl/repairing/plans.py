"""What can be changed together in a row: a cell alone, a cell and what is computed from it, cells swapped or shifted.

It depends only on which measures a row reports, in the order they are printed, and is worked out once for all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from etl.forms import Balance, Constraint, constraints
from etl.repairing.slips import RATES, Slip

Whole = npt.NDArray[np.int64]

TYPED_TOTALS = 0.5  # how many sheets have their totals typed; in the others they are formulas
_LEAST_SHIFT = 3  # columns


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
    totals: tuple[int, ...]
    parts: tuple[int, ...]  # what is no sum of others that are reported

    def gaps(self, row: Whole) -> Whole:
        """Give what the equations leave over: 0 where they hold."""
        return self.equations @ row

    def holds(self, rows: Whole) -> npt.NDArray[np.bool_]:
        """Tell, for rows × measures, where every count is ≥ 0 and every constraint holds."""
        is_balanced = (rows @ self.equations.T == 0).all(axis=1)
        within: npt.NDArray[np.bool_] = is_balanced & (rows >= 0).all(axis=1) & (rows @ self.bounds.T >= 0).all(axis=1)
        return within


@cache
def plan_of(balances: tuple[Balance, ...], measures: tuple[str, ...]) -> Plan:
    """Build the plan for rows that report these measures, given in the order they are printed."""
    judged, width = constraints(balances, frozenset(measures)), len(measures)
    equations = _matrix([c for c in judged if c.is_equation], measures)
    bounds = _matrix([c for c in judged if not c.is_equation], measures)
    moves = tuple(_moves(balances, measures))
    directions = np.array([_direction(m, width) for m in moves], dtype=np.int64).reshape(len(moves), width)
    pairs, solvers = _pairs(moves, directions @ equations.T)
    parents = _parents(balances)
    followed = {i for move in moves for i in move.followers}
    parts = tuple(i for i in range(width) if i not in followed)
    totals = tuple(i for i, m in enumerate(measures) if i in followed and m in {b.total for b in balances})
    rearranged = list(_rearrangements(moves, parts, totals, parents, measures))
    matrices = np.array([matrix for _, matrix in rearranged], dtype=np.int64).reshape(len(rearranged), width, width)
    nothing = [0] * width
    lost = [_direction(how.lost, width) if how.lost else nothing for how, _ in rearranged]
    lost_moves = np.array(lost, dtype=np.int64).reshape(len(lost), width)
    return Plan(
        measures, judged, equations, bounds, moves, directions, pairs, solvers,
        tuple(how for how, _ in rearranged), matrices, lost_moves, lost_moves @ equations.T, totals, parts,
    )  # fmt: skip


def _matrix(judged: list[Constraint], measures: tuple[str, ...]) -> Whole:
    rows = [[dict(c.coefficients).get(m, 0) for m in measures] for c in judged]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(measures))


def _parents(balances: tuple[Balance, ...]) -> dict[str, str]:
    """Give the total that each measure is added into; of a total with two balances, the first defines it."""
    defining: dict[str, Balance] = {}
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
    parts: tuple[int, ...],
    totals: tuple[int, ...],
    parents: dict[str, str],
    measures: tuple[str, ...],
) -> Iterator[tuple[Rearrangement, Whole]]:
    """List swaps and shifts: of all columns where totals are typed, of the others where they are computed."""
    width = len(measures)
    leaves = list(parts)
    adds = {i: _ancestors(measures[i], parents, measures) for i in leaves}
    for columns, is_computed in ((list(range(width)), False), (leaves, True)):
        share = 1 - TYPED_TOTALS if is_computed else TYPED_TOTALS
        followers = adds if is_computed else {}
        neighbours = list(pairwise(columns))
        across = [] if is_computed else [pair for pair in combinations(totals, 2) if pair not in neighbours]
        for pair in neighbours + across:
            rate = RATES[Slip.CELLS_SWAPPED] * share * (1.0 if pair in neighbours else 0.2)
            order = {pair[0]: pair[1], pair[1]: pair[0]}
            yield Rearrangement(Slip.CELLS_SWAPPED, pair, rate), _moved(order, width, followers)
        for window in _windows(columns):
            lost = next(
                m for m in moves if m.cell == window[-1] and m.followers == tuple(followers.get(window[-1], ()))
            )
            order = dict(pairwise(window))
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
