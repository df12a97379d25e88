"""A month of made reports: coherent rows, about one slip of each kind in a hundred of them, and the sheets' total rows.

Of the units six in ten report by the edition of 2020, three by that of 2017, one by a plain table of four measures that
can only be held within bounds; two in ten report under two source systems. No row has two slips. A sheet's total row
adds up what the rows above it say, slips and all; one in a hundred of them is itself wrong.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.check.rules import MEASURES
from bench.check.slips import ABSENT, DOUBLE, EDITIONS, KINDS, PRINTED, SLIPS, TOTAL, Cells, Counts

FIELDS, SHARE = 30, 0.01
BUSIEST = 500  # dossiers that the first field has besides: no total falls below zero because one of its rows does
NONE = -1


@dataclass(frozen=True, slots=True)
class Town:
    """The units: which edition each reports by, and the source system and field of each of its lines."""

    edition: Counts
    system: npt.NDArray[np.str_]
    field: npt.NDArray[np.str_]

    @classmethod
    def of(cls, units: int, rng: np.random.Generator) -> "Town":
        tenth = rng.permutation(np.arange(units) % 10)
        edition = np.select([tenth < 6, tenth < 9], [0, 1], 2)
        has_two = (rng.random(units) < 0.2)[:, None]
        line, half = np.arange(FIELDS), FIELDS // 2
        names = np.array([f"field-{i:02}" for i in line])
        system = np.where(has_two, np.array(["ministry", "city"])[line // half], "")
        return cls(edition, system, np.where(has_two, names[line % half], names))

    @property
    def has_sheet(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.edition != EDITIONS.index("plain"))


@dataclass(frozen=True, slots=True)
class MadeMonth:
    """What the units report. *Shape* of `cells` and `kind`: units × lines; of the totals: units.

    `kind`: which of KINDS befell the row, -1 for none. *Missing*: ABSENT.
    """

    town: Town
    cells: Cells
    kind: Counts
    totals: Cells
    is_total_wrong: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, town: Town, opening: Counts, rng: np.random.Generator) -> "MadeMonth":
        """Make a month that opens with the dossiers still pending."""
        cells = _coherent(opening, rng)
        drawn = np.floor(rng.random(opening.shape) / SHARE).astype(np.int64)
        amount = rng.integers(1, 10, opening.shape)
        kind = np.full(opening.shape, NONE)
        for slip in SLIPS:
            if slip.kind != TOTAL:
                at = (drawn == KINDS.index(slip.kind)) & (town.edition == EDITIONS.index(slip.edition))[:, None]
                kind[at] = drawn[at]
                _apply(slip.change, cells, at, amount)
        _leave_out(cells, town)
        totals = _totals(cells, 1 + (kind == KINDS.index(DOUBLE)))
        is_wrong = town.has_sheet & (rng.random(len(opening)) < SHARE)
        for slip in SLIPS:
            if slip.kind == TOTAL:
                _apply(slip.change, totals, is_wrong & (town.edition == EDITIONS.index(slip.edition)), amount[:, 0])
        return cls(town, cells, kind, totals, is_wrong)

    @property
    def closing(self) -> Counts:
        """Give what is pending at the end. *Missing*: ABSENT for a plain table, which does not say."""
        return self.cells["pending_total"]


def _coherent(opening: Counts, rng: np.random.Generator) -> Cells:
    """Make rows whose balances hold, in all measures."""

    def part_of(whole: Counts, least: float, most: float) -> Counts:
        return np.floor(whole * rng.uniform(least, most, whole.shape)).astype(np.int64)

    received = np.floor(rng.lognormal(3, 1.2, opening.shape)).astype(np.int64)
    received[:, 0] += BUSIEST
    opening = np.maximum(opening, 0)
    total = received + opening
    online, resolved = part_of(received, 0, 1), part_of(total, 0.7, 1)
    overdue = part_of(resolved, 0, 0.1)
    early, late = part_of(resolved - overdue, 0, 0.5), part_of(total - resolved, 0, 0.2)
    in_time = resolved - overdue
    counts = (
        *(total, received, online, received - online, opening),
        *(resolved, in_time, early, in_time - early, overdue),
        *(total - resolved, total - resolved - late, late),
    )
    return dict(zip(MEASURES, counts, strict=True))


def _apply(change: object, cells: Cells, at: npt.NDArray[np.bool_], amount: Counts) -> None:
    """Change the rows `at`, in place."""
    assert callable(change)
    changed = change({measure: counts[at] for measure, counts in cells.items()}, amount[at])
    for measure, counts in changed.items():
        cells[measure][at] = counts


def _leave_out(cells: Cells, town: Town) -> None:
    """Take away, in place, what an edition does not print."""
    for i, edition in enumerate(EDITIONS):
        for measure in set(MEASURES) - PRINTED[edition]:
            cells[measure][town.edition == i] = ABSENT


def _totals(cells: Cells, times: Counts) -> Cells:
    """Add the rows up as often as they stand there. *Missing*: ABSENT where no row says anything."""
    absent = {measure: counts == ABSENT for measure, counts in cells.items()}
    sums = {measure: (np.where(absent[measure], 0, counts) * times).sum(axis=1) for measure, counts in cells.items()}
    return {measure: np.where(absent[measure].all(axis=1), ABSENT, sums[measure]) for measure in cells}
