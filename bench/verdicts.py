"""Measure how well the repair finds what was meant: `python -m bench.verdicts [--rows N] [--seed S] [--json]`.

For each kind of slip and each scene: of the rows whose balance a slip broke, how many were found, how many got a
single proposal, how many of these were right and wrong, and what was possible at best.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd

from bench.bound import Oracle, reachable
from bench.coherent import CLOSING, MEASURES, OPENING, make_sheet
from bench.injected import TYPING
from bench.trials import KINDS, Scene, Trial, make_trials
from etl.model import Report
from etl.reference import read_reference
from etl.repair import propose

FORM = read_reference(Path(__file__).parents[1] / "reference" / "son-tay").form
LETTERS = {m: chr(ord("C") + i) for i, m in enumerate(MEASURES)}
SCENES = tuple(Scene(*flags) for flags in product((False, True), repeat=3))
ROWS = 20_000


@dataclass(slots=True)
class Line:
    """What became of the trials of a kind in a scene. *Units*: rows; `best` in a hundred."""

    scene: str
    kind: str
    rows: int = 0
    found: int = 0
    single: int = 0
    right: int = 0
    named: int = 0
    only: float | None = None
    best: float | None = None


def main() -> None:
    """Print the table, the goals and the speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100, help="sheets for each kind and scene")
    parser.add_argument("--seed", type=int, default=20220414)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    lines = list(measure(args.rows, args.seed))
    goals, speed = judge(lines, args.rows, args.seed), measure_speed(args.seed)
    if args.json:
        print(json.dumps({"lines": [asdict(line) for line in lines], "goals": goals, "rows_per_second": speed}))
        return
    print("\n".join([*compose_table(lines), "", *(f"{name}: {said}" for name, said in goals.items())]))
    print(f"rows a second, a slip in one row of a hundred (goal 20000): {speed:.0f}")


def measure(count: int, seed: int) -> Iterator[Line]:
    """Run all trials."""
    oracle = Oracle.of(np.random.default_rng(seed))
    for scene, kind in product(SCENES, KINDS):
        trials = list(make_trials(kind, scene, count, _rng(seed, scene, kind)))
        yield _line(trials, oracle)


def _rng(seed: int, scene: Scene, kind: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(f"{scene} {kind}".encode())])


def _line(trials: Sequence[Trial], oracle: Oracle) -> Line:
    line = Line(str(trials[0].scene), trials[0].kind)
    rows, starts = stack([trial.typed for trial in trials], trials[0].scene.has_total_row)
    stocks = _stocks(trials, starts, len(rows)) if trials[0].scene.has_neighbours else {}
    repairs = propose(rows.assign(previous=stocks["before"]) if stocks else rows, _reports(len(trials)), FORM,
                      stocks_after=_as_stocks(rows, stocks["after"]) if stocks else None)  # fmt: skip
    for trial, start in zip(trials, starts, strict=True):
        for row in trial.rows_wrong:
            line.rows += 1
            repair = repairs.get(start + row)
            line.found += repair is not None
            if repair is None:
                continue
            meant = [
                _applied(trial, row, p.changes + p.computed)
                for p in ([repair.lead] if repair.lead else repair.candidates)
            ]
            is_right = any((counts == trial.meant[row]).all() for counts in meant)
            line.single += repair.lead is not None
            line.right += bool(repair.lead and is_right)
            line.named += is_right
    if line.kind in TYPING:
        sure = [oracle.certainty(trial) for trial in trials]
        line.only = 100 * sum(only for _, only in sure) / len(sure)
        line.best = reachable([certainty for certainty, _ in sure])
    return line


def _applied(trial: Trial, row: int, changes: Sequence) -> np.ndarray:
    counts = trial.typed[row].copy()
    for change in changes:
        counts[MEASURES.index(change.measure)] = change.value
    return counts


def stack(sheets: Sequence[np.ndarray], has_total_row: bool) -> tuple[pd.DataFrame, list[int]]:
    """Stack sheets as a batch is stacked; give the position each begins at."""
    sizes = [len(sheet) for sheet in sheets]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).tolist()
    frame = pd.DataFrame(np.vstack(sheets), columns=list(MEASURES)).astype("Int64")
    lasts = {start + size - 1 for start, size in zip(starts, sizes, strict=True)} if has_total_row else set()
    kinds = ["total" if i in lasts else "field" for i in range(len(frame))]
    row = np.concatenate([np.arange(size) for size in sizes])
    frame = frame.assign(
        sheet="Biểu", row=row + 9, kind=kinds, field=[f"f{i}" for i in row], field_name="", source_system="",
        report=np.repeat(np.arange(len(sheets)), sizes),
    )  # fmt: skip
    for measure in set(FORM.measure_names) - set(MEASURES):
        frame[measure] = pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame, starts


def _reports(count: int) -> list[Report]:
    report = Report("0" * 64, "a.xlsx", None, "", None, "", "2020", pd.DataFrame(), {"Biểu": LETTERS})
    return [report] * count


def _stocks(trials: Sequence[Trial], starts: list[int], length: int) -> dict[str, pd.Series]:
    found = {}
    for name in ("before", "after"):
        values = np.full(length, np.nan)
        for trial, start in zip(trials, starts, strict=True):
            stocks = getattr(trial.sheet, name)
            values[start : start + len(stocks)] = stocks
        found[name] = pd.Series(pd.array(values)).astype("Int64")
    return found


def _as_stocks(rows: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    fields = rows[rows["kind"] == "field"]
    stocks = fields[["report", "source_system"]].assign(line=fields["field"], previous=values[fields.index])
    return stocks.reset_index(drop=True)


# ---------------------------------------------------------------------------------------------------------
# Telling


def compose_table(lines: Sequence[Line]) -> Iterator[str]:
    """Lay the lines out as Markdown, in a hundred."""
    yield "| sheet; what is known | slip | found | single | right | wrong | right among single | named in a tie too | no other possible | best possible |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for line in lines:
        cells = [line.found, line.single, line.right, line.single - line.right]
        shares = " | ".join(f"{100 * c / line.rows:.0f}" for c in cells)
        precise = f"{100 * line.right / line.single:.1f}" if line.single else "–"
        bounds = " | ".join("–" if b is None else f"{b:.0f}" for b in (line.only, line.best))
        yield f"| {line.scene} | {line.kind} | {shares} | {precise} | {100 * line.named / line.rows:.0f} | {bounds} |"


def judge(lines: Sequence[Line], count: int, seed: int) -> dict[str, str]:
    """Hold the sums against the goals."""
    typing = [line for line in lines if line.kind in TYPING]
    goals = {
        "every slip that breaks a balance is found (goal 100)": _share(lines, "found", "rows"),
        "a single proposal is right, one slip (goal 98)": _share(
            [x for x in lines if "two" not in x.kind], "right", "single"
        ),
        "a single proposal is right, two slips": _share([x for x in lines if "two" in x.kind], "right", "single"),
    }
    for scene in SCENES:
        chosen = [line for line in typing if line.scene == str(scene)]
        best = np.mean([line.best for line in chosen if line.best is not None])
        goals[f"one typing slip, right single proposal: {scene}"] = (
            f"{_share(chosen, 'right', 'rows')} (at best {best:.1f})"
        )
    goals |= _pinned(count, seed)
    return goals


def _share(lines: Sequence[Line], part: str, whole: str) -> str:
    summed = sum(getattr(line, whole) for line in lines)
    return f"{100 * sum(getattr(line, part) for line in lines) / summed:.1f} in 100" if summed else "–"


def _pinned(count: int, seed: int) -> dict[str, str]:
    """Count, where the neighbouring periods pin a slip down: the stock itself was mistyped."""
    oracle, found = Oracle.of(np.random.default_rng(seed)), {}
    for has_formulas in (False, True):
        scene = Scene(has_formulas, False, True)
        lines = []
        for kind in TYPING:
            trials = [t for t in make_trials(kind, scene, 4 * count, _rng(seed + 1, scene, kind)) if _is_stock(t)]
            if trials:
                lines.append(_line(trials, oracle))
        name = f"the slip is in a stock that the neighbouring periods tell: {scene}"
        found[name] = _share(lines, "right", "rows")
    return found


def _is_stock(trial: Trial) -> bool:
    """Tell whether the mistyped cell is a stock, and the neighbouring period agrees with what was meant."""
    (row, column), *_ = trial.cells
    stocks = {OPENING: trial.sheet.before, CLOSING: trial.sheet.after}.get(column)
    return stocks is not None and row < len(stocks) and stocks[row] == trial.meant[row, column]


def measure_speed(seed: int) -> float:
    """Time a batch of twenty thousand rows with a slip in one row of a hundred."""
    rng = np.random.default_rng(seed)
    sheets = []
    while sum(len(sheet) for sheet in sheets) < ROWS:
        rows = make_sheet(rng, continues=1.0).rows
        sheets.append(np.vstack([rows, rows.sum(axis=0)]))
    everything = np.vstack(sheets)
    for row in range(0, len(everything), 100):
        everything[row, int(rng.integers(0, len(MEASURES)))] += int(rng.integers(1, 9))
    bounds = np.cumsum([len(sheet) for sheet in sheets])[:-1]
    frame, _ = stack(np.split(everything, bounds), True)
    began = time.perf_counter()
    propose(frame, _reports(len(sheets)), FORM)
    return len(frame) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
