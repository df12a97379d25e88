"""Trials: a coherent sheet, what was slipped into it, and what the sheet then shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bench.coherent import BLOCKS, Counts, Sheet, is_broken, make_sheet, with_totals
from bench.injected import TYPING, outcomes

CONTINUES = 0.85  # how often the neighbouring periods agree
PARTS = sorted(part for parts in BLOCKS.values() for part in parts)
HIDING = ((6, 4), (9, 8))  # on time, not yet due: where people overlook dossiers, with their totals
PAIRS = ("two typos, one row", "two typos, two rows")
MOVED = ("cells swapped", "columns shifted", "total of another block")
LEFT_OUT = "no slip: dossiers left out"
KINDS = (*TYPING, *MOVED, *PAIRS, LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a sheet is like and what is known besides it."""

    has_formulas: bool
    has_total_row: bool
    has_neighbours: bool

    @property
    def knowledge(self) -> str:
        """Say what is known besides the row."""
        besides = [word for word, has in (("total row", self.has_total_row), ("periods", self.has_neighbours)) if has]
        return " + ".join(besides) or "row alone"

    def __str__(self) -> str:
        return f"{'formulas' if self.has_formulas else 'typed totals'}; {self.knowledge}"


@dataclass(frozen=True, slots=True)
class Trial:
    """A sheet with slips in `rows_wrong`; `typed` is what it shows, its total row last where it has one.

    `cells`: (row, column) of each cell that a hand got wrong.
    """

    kind: str
    scene: Scene
    sheet: Sheet
    meant: Counts
    typed: Counts
    cells: tuple[tuple[int, int], ...]

    @property
    def rows_wrong(self) -> list[int]:
        return sorted({row for row, _ in self.cells})

    def is_broken(self, row: int) -> bool:
        return is_broken(self.typed[row])


def make_trials(kind: str, scene: Scene, count: int, rng: np.random.Generator) -> Iterator[Trial]:
    """Make trials of a kind that break a balance in every row they touch."""
    while count:
        sheet = make_sheet(rng, continues=CONTINUES)
        meant = _with_total_row(sheet.rows) if scene.has_total_row else sheet.rows
        trial = _slip(Trial(kind, scene, sheet, meant, meant.copy(), ()), rng)
        if trial and all(trial.is_broken(row) for row in trial.rows_wrong):
            count -= 1
            yield trial


def _with_total_row(rows: Counts) -> Counts:
    return np.vstack([rows, rows.sum(axis=0)])


def _slip(trial: Trial, rng: np.random.Generator) -> Trial | None:
    if trial.kind in TYPING:
        return _type(trial, rng, [(_typable(trial, rng), trial.kind)])
    if trial.kind in PAIRS:
        row = _typable(trial, rng)
        rows = [row, row] if trial.kind == PAIRS[0] else [row, _typable(trial, rng)]
        if trial.kind == PAIRS[1] and rows[0] == rows[1]:
            return None
        return _type(trial, rng, [(r, str(rng.choice(list(TYPING)))) for r in rows])
    return _leave_out(trial, rng) if trial.kind == LEFT_OUT else _move(trial, rng)


def _leave_out(trial: Trial, rng: np.random.Generator) -> Trial | None:
    """Count dossiers that were returned or wait for a supplement in no column, honestly: all sums follow."""
    typed, row = trial.sheet.rows.copy(), int(rng.integers(0, len(trial.sheet.rows)))
    part, total = HIDING[int(rng.integers(len(HIDING)))]
    if not typed[row, part]:
        return None
    gap = int(rng.integers(1, typed[row, part] + 1))
    typed[row, [part, total]] -= gap
    shown = _with_total_row(typed) if trial.scene.has_total_row else typed
    return replace(trial, typed=shown, cells=((row, part),))


def _typable(trial: Trial, rng: np.random.Generator) -> int:
    """Choose a row that a hand types: not the total row where that is computed."""
    return int(rng.integers(0, len(trial.sheet.rows) + (trial.scene.has_total_row and not trial.scene.has_formulas)))


def beside(rows: Counts, row: int, column: int) -> list[int]:
    """Give the numbers left, right, above and below of a cell."""
    places = ((row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column))
    return [int(rows[r, c]) for r, c in places if 0 <= r < len(rows) and 0 <= c < rows.shape[1]]


def _type(trial: Trial, rng: np.random.Generator, slips: list[tuple[int, str]]) -> Trial | None:
    """Mistype a cell of each row by the slip named with it, each cell once."""
    typed, cells = trial.typed.copy(), []
    columns = PARTS if trial.scene.has_formulas else list(range(typed.shape[1]))
    for row, kind in slips:
        column = int(rng.choice(columns))
        found = outcomes(kind, int(typed[row, column]), beside(trial.meant, row, column))
        if not found or (row, column) in cells:
            return None
        typed[row, column] = found[int(rng.integers(len(found)))]
        cells.append((row, column))
    return replace(trial, typed=_followed(trial.scene, typed), cells=tuple(cells))


def _move(trial: Trial, rng: np.random.Generator) -> Trial | None:
    """Put numbers into the wrong columns of a row."""
    typed, row = trial.typed.copy(), _typable(trial, rng)
    columns = PARTS if trial.scene.has_formulas else list(range(typed.shape[1]))
    first = int(rng.integers(0, len(columns) - 1))
    if trial.kind == "cells swapped":
        changed = columns[first : first + 2]
        typed[row, changed] = typed[row, changed[::-1]]
    elif trial.kind == "columns shifted":
        changed = columns[first : int(rng.integers(first, len(columns))) + 1]
        if len(changed) < 3:
            return None
        typed[row, changed] = [0, *typed[row, changed[:-1]]]
    else:
        one, two = (int(t) for t in rng.choice(list(BLOCKS), 2, replace=False))
        column = int(rng.choice(BLOCKS[one])) if trial.scene.has_formulas else one
        typed[row, column], changed = typed[row, two], [column]
    cells = tuple((row, c) for c in changed if typed[row, c] != trial.meant[row, c])
    return replace(trial, typed=_followed(trial.scene, typed), cells=cells) if cells else None


def _followed(scene: Scene, typed: Counts) -> Counts:
    """Compute what is a formula from what was typed."""
    if not scene.has_formulas:
        return typed
    rows = with_totals(typed[:-1] if scene.has_total_row else typed)
    return _with_total_row(rows) if scene.has_total_row else rows
