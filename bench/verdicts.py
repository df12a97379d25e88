"""Measure how well the repair finds what was meant: `python -m bench.verdicts [--rows N] [--seed S] [--json]`.

For each kind of slip and each scene: of the rows whose balance a slip broke, how many were found, how many got a
single proposal, how many of these were right and wrong, and what was possible at best.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from bench.bound import Guess, Oracle
from bench.coherent import CLOSING, MEASURES, OPENING, Counts, make_sheet
from bench.injected import TYPING
from bench.stacked import as_stocks, reports, stack, stocks_of
from bench.trials import KINDS, LEFT_OUT, PAIRS, Scene, Trial, make_trials
from etl.parsing.counts import parse_count
from etl.reference import read_reference
from etl.repair import propose
from etl.repairing.proposals import Change, Repair

FORM = read_reference(Path(__file__).parents[1] / "reference" / "son-tay").form
SCENES = tuple(Scene(*flags) for flags in product((False, True), repeat=3))
ROWS = 20_000


@dataclass(slots=True)
class Line:
    """What became of the trials of a kind in a scene. *Units*: rows; `tied`: right ones named in a tie."""

    scene: Scene
    kind: str
    rows: int = 0
    found: int = 0
    single: int = 0
    right: int = 0
    tied: int = 0
    left_out: int = 0
    guesses: list[Guess] = field(default_factory=list)

    def add(self, trial: Trial, row: int, repair: Repair | None) -> None:
        """Count one row that holds a slip."""
        self.rows += 1
        if repair is None:
            return
        proposals = [repair.lead] if repair.lead else list(repair.candidates)
        meant = [_applied(trial, row, proposal.changes + proposal.computed) for proposal in proposals]
        is_right = any(bool((counts == trial.meant[row]).all()) for counts in meant)
        self.found += 1
        self.single += repair.lead is not None
        self.right += bool(repair.lead) and is_right
        self.tied += repair.lead is None and is_right
        self.left_out += repair.left_out is not None

    def as_dict(self) -> dict[str, Any]:
        counted = {
            name: getattr(self, name) for name in ("kind", "rows", "found", "single", "right", "tied", "left_out")
        }
        only = sum(guess.is_only for guess in self.guesses)
        return {"scene": str(self.scene)} | counted | {
            "only_possible": only if self.guesses else None,
            "right_at_best": sum(guess.is_right for guess in self.guesses) if self.guesses else None,
        }  # fmt: skip


def _applied(trial: Trial, row: int, changes: Iterable[Change]) -> Counts:
    counts: Counts = trial.typed[row].copy()
    for change in changes:
        counts[MEASURES.index(change.measure)] = change.value
    return counts


def main() -> None:
    """Print the tables, the goals and the speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200, help="sheets for each kind and scene")
    parser.add_argument("--seed", type=int, default=20220414)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    lines = list(measure(args.rows, args.seed))
    goals = judge(lines) | judge_pinned(args.rows, args.seed) | judge_cells(args.rows, args.seed)
    speed = measure_speed(args.seed)
    if args.json:
        print(json.dumps({"lines": [x.as_dict() for x in lines], "goals": goals, "rows_per_second": round(speed)}))
        return
    for has_formulas in (False, True):
        print("\n".join(compose_table([x for x in lines if x.scene.has_formulas is has_formulas])), end="\n\n")
    print("\n".join(f"- {name}: {said}" for name, said in goals.items()))
    print(f"- rows a second, a slip in one row of a hundred (goal 20000): {speed:.0f}")


# ---------------------------------------------------------------------------------------------------------
# Measuring


def measure(count: int, seed: int) -> Iterator[Line]:
    """Run all trials."""
    oracle = Oracle.of(np.random.default_rng(seed))
    for scene, kind in product(SCENES, KINDS):
        trials = list(make_trials(kind, scene, count, _rng(seed, scene, kind)))
        yield _measure_line(Line(scene, kind), trials, oracle)


def _rng(seed: int, scene: Scene, kind: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(f"{scene} {kind}".encode())])


def _measure_line(line: Line, trials: Sequence[Trial], oracle: Oracle) -> Line:
    rows, starts = stack([trial.typed for trial in trials], line.scene.has_total_row, FORM)
    after = None
    if line.scene.has_neighbours:
        stocks = stocks_of([trial.sheet for trial in trials], starts, len(rows))
        rows, after = rows.assign(previous=stocks["before"]), as_stocks(rows, stocks["after"])
    repairs = propose(rows, reports(len(trials)), FORM, stocks_after=after)
    for trial, start in zip(trials, starts, strict=True):
        for row in trial.rows_wrong:
            line.add(trial, row, repairs.get(start + row))
    if line.kind in (*TYPING, PAIRS[0]):
        line.guesses = [oracle.guess(trial) for trial in trials]
    return line


def measure_speed(seed: int) -> float:
    """Time a batch of twenty thousand rows with a slip in one row of a hundred."""
    rng = np.random.default_rng(seed)
    sheets: list[Counts] = []
    while sum(len(sheet) for sheet in sheets) < ROWS:
        rows = make_sheet(rng, continues=1.0).rows
        sheets.append(np.vstack([rows, rows.sum(axis=0)]))
    everything = np.vstack(sheets)
    for row in range(0, len(everything), 100):
        everything[row, int(rng.integers(0, len(MEASURES)))] += int(rng.integers(1, 9))
    frame, _ = stack(np.split(everything, np.cumsum([len(sheet) for sheet in sheets])[:-1]), True, FORM)
    began = time.perf_counter()
    propose(frame, reports(len(sheets)), FORM)
    return len(frame) / (time.perf_counter() - began)


# ---------------------------------------------------------------------------------------------------------
# Telling


def compose_table(lines: Sequence[Line]) -> Iterator[str]:
    """Lay out what became of each kind, in a hundred: right + wrong single proposals (right at best)."""
    scenes = list(dict.fromkeys(line.scene for line in lines))
    totals = "totals are formulas" if scenes[0].has_formulas else "totals are typed"
    yield f"| {totals} | found | " + " | ".join(scene.knowledge for scene in scenes) + " |"
    yield "|---|--:|" + "--:|" * len(scenes)
    for kind in dict.fromkeys(line.kind for line in lines):
        chosen = [line for line in lines if line.kind == kind]
        found = _percent(sum(line.found for line in chosen), sum(line.rows for line in chosen))
        yield f"| {kind} | {found} | " + " | ".join(_cell(line) for line in chosen) + " |"


def _cell(line: Line) -> str:
    wrong = _percent(line.single - line.right, line.rows)
    said = f"{_percent(line.right, line.rows)} + {wrong}"
    if line.kind == LEFT_OUT:
        return f"{_percent(line.left_out, line.rows)} said, {said}"
    if line.kind == PAIRS[0]:
        alike = sum(guess.certainty > 0 for guess in line.guesses)
        return f"{said} (one slip gives the same: {_percent(alike, len(line.guesses))})"
    best = sum(guess.is_right for guess in line.guesses)
    return f"{said} ({_percent(best, len(line.guesses))})" if line.guesses else said


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else "–"


def judge(lines: Sequence[Line]) -> dict[str, str]:
    """Hold the sums against the goals."""
    typing = [line for line in lines if line.kind in TYPING]
    one = [line for line in lines if "two" not in line.kind and line.kind != LEFT_OUT]
    goals = {
        "every slip that breaks a balance is found (goal 100)": _share(lines, "found", "rows"),
        "a single proposal is right: one typing slip (goal 98)": _share(typing, "right", "single"),
        "a single proposal is right: one slip, moved cells too (goal 98)": _share(one, "right", "single"),
        "a single proposal is right: everything injected, two at a time too (goal 98)": _share(
            [line for line in lines if line.kind != LEFT_OUT], "right", "single"
        ),
        "the same, but for two typos in a row whose totals are formulas (there one slip mostly gives the same sheet)": (
            _share([x for x in lines if x.kind != LEFT_OUT and not _is_alike(x)], "right", "single")
        ),
        "one typing slip, nothing known besides the row (goal 60)": _right_and_bound(
            [line for line in typing if line.scene.knowledge == "row alone"]
        ),
        "one typing slip, a typed total row pins it down (goal 95)": _right_and_bound(
            [line for line in typing if line.scene.has_total_row and not line.scene.has_formulas]
        ),
    }
    for scene in SCENES:
        chosen = [line for line in typing if line.scene == scene]
        goals[f"one typing slip; {scene}"] = _right_and_bound(chosen)
    return goals


def _is_alike(line: Line) -> bool:
    return line.kind == PAIRS[0] and line.scene.has_formulas


def _share(lines: Sequence[Line], part: str, whole: str) -> str:
    summed = sum(getattr(line, whole) for line in lines)
    return f"{100 * sum(getattr(line, part) for line in lines) / summed:.1f}" if summed else "–"


def _right_and_bound(lines: Sequence[Line]) -> str:
    guesses = [guess for line in lines for guess in line.guesses]
    only = 100 * sum(guess.is_only for guess in guesses) / max(len(guesses), 1)
    single = _share(lines, "right", "rows")
    best = 100 * sum(guess.is_right for guess in guesses) / max(len(guesses), 1)
    return (
        f"right single proposals {single}; of those given, right {_share(lines, 'right', 'single')};"
        f" right at best {best:.1f}; no second meaning possible {only:.1f}"
    )


def judge_pinned(count: int, seed: int) -> dict[str, str]:
    """Count where the neighbouring periods pin a slip down: a stock they tell was itself mistyped."""
    oracle, goals = Oracle.of(np.random.default_rng(seed)), {}
    for has_formulas in (False, True):
        scene, lines = Scene(has_formulas, False, True), []
        for kind in TYPING:
            trials = [t for t in make_trials(kind, scene, 4 * count, _rng(seed + 1, scene, kind)) if _is_told(t)]
            if trials:
                lines.append(_measure_line(Line(scene, kind), trials, oracle))
        totals = "formulas" if has_formulas else "typed totals"
        goals[f"one typing slip in a stock that a neighbouring period tells, {totals} (goal 95)"] = _right_and_bound(
            lines
        )
    return goals


def _is_told(trial: Trial) -> bool:
    """Tell whether the mistyped cell is a stock, and the neighbouring period says what was meant."""
    (row, column), *_ = trial.cells
    stocks = {OPENING: trial.sheet.before, CLOSING: trial.sheet.after}.get(column)
    return stocks is not None and row < len(stocks) and bool(stocks[row] == trial.meant[row, column])


def judge_cells(count: int, seed: int) -> dict[str, str]:
    """Count slips that the cell itself betrays: a minus sign, a thousands separator taken for a decimal point."""
    rng = np.random.default_rng(seed)
    numbers = [int(n) for n in np.exp(rng.uniform(np.log(1001), np.log(99999), 10 * count)) if int(n) % 1000]
    read = {
        "a minus sign": [(n, parse_count(-n)) for n in numbers],
        "a thousands separator taken for a decimal point": [(n, parse_count(n / 1000)) for n in numbers],
    }
    goals = {}
    for name, cells in read.items():
        found = sum(count.problem is not None for _, count in cells)
        right = sum(count.probable == number for number, count in cells)
        goals[f"{name}: found when read, right"] = f"{_percent(found, len(cells))}, {_percent(right, len(cells))}"
    return goals


if __name__ == "__main__":
    main()
