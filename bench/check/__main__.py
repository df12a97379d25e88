"""Time our check of reports beside other tools: `python -m bench.check [--sizes 15x1 10500x1] [--only ours duckdb]`.

The same rules (bench/check/rules.py) on the same made reports, each contender a process of its own that reads the same
Parquet files. All must find the same broken rules, which are known beforehand, or the program ends with an error.
"validation" is the time from reports in memory to the list of unit, period, source system, field and rule; "process" is
all of it, with start, imports and reading. Peers are installed in var/bench/check, from bench/check/peers.txt.
Needs about 6 GB of memory and twenty minutes with the largest size; Great Expectations' own rules take most of both.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from bench.check.environment import ROOT, build_environment

OURS, OWN, IN_PEERS = "ours", "gx", ("polars", "duckdb", "pandera", "dbt")
CONTENDERS = {
    OURS: "ours, through Great Expectations",
    OWN: "Great Expectations' own, pandas, key columns",
    "pandas": "plain pandas",
    "polars": "polars",
    "duckdb": "DuckDB SQL",
    "pandera": "pandera on polars",
    "dbt": "dbt-duckdb, store_failures",
}
SIZES = ("15x1", "10500x1", "10500x12")  # units × months, of 30 rows each: a town, a nation's month, its year
FIELDS = 30


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took: all of it, and the validation by the clock and in processors. *Units*: s, 10⁶ bytes."""

    process: float
    validation: float
    cpu: float
    peak_mb: float


def main() -> None:
    asked = _parser().parse_args()
    peers = build_environment() if set(asked.only) & set(IN_PEERS) else Path(sys.executable)
    ours_per_million = []
    for size in asked.sizes:
        units, months = (int(part) for part in size.split("x"))
        with tempfile.TemporaryDirectory(prefix="check-", dir=asked.folder) as folder:
            made = ["--units", str(units), "--months", str(months), "--seed", str(asked.seed)]
            _python(Path(sys.executable), "made_reports", folder, *made)
            medians = {name: _median(name, peers, folder, asked.rounds) for name in asked.only}
        rows = units * months * FIELDS
        print("\n".join(compose_table(rows, medians)), flush=True)
        if OURS in medians:
            ours_per_million.append((rows, 1e6 * medians[OURS].validation / rows))
            print("\n".join(judge(medians)), flush=True)
    for rows, seconds in ours_per_million:
        print(f"ours, {rows:,} rows: {seconds:.2f} s of validation per million rows")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), help="units x months, 30 rows each")
    parser.add_argument("--only", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--rounds", type=int, default=1, help="processes of each; the median is told")
    parser.add_argument("--seed", type=int, default=20220414)
    parser.add_argument("--folder", help="where to write the reports; default: the system's temporary folder")
    return parser


def _median(name: str, peers: Path, folder: str, rounds: int) -> Run:
    """Run a contender some times and make sure that it finds what there is."""
    runs = []
    for i in range(rounds):
        print(f"{name}, {i + 1} of {rounds} …", file=sys.stderr, flush=True)
        start = time.perf_counter()
        said = _python(peers if name in IN_PEERS else Path(sys.executable), f"with_{name}", folder)
        process = time.perf_counter() - start
        runs.append(Run(process, **json.loads(said.splitlines()[-1])))
    _python(Path(sys.executable), "comparison", folder, name)
    return Run(*(statistics.median(getattr(run, part.name) for run in runs) for part in fields(Run)))


def _python(python: Path, module: str, *arguments: str) -> str:
    """Run a module of this package in a process of its own, which this small one does not weigh on."""
    command = [str(python), "-m", f"bench.check.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{module} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def compose_table(rows: int, medians: dict[str, Run]) -> Iterator[str]:
    """Lay out what each took, and the ratio of its validation to ours."""
    yield f"\n| {rows:,} rows | process, s | validation, s | its CPU, s | times ours | peak, MB |"
    yield "|---|--:|--:|--:|--:|--:|"
    ours = medians.get(OURS)
    for name, run in medians.items():
        ratio = f"{run.validation / ours.validation:.2f}" if ours else "–"
        times = f"{run.process:.1f} | {run.validation:.2f} | {run.cpu:.2f} | {ratio}"
        yield f"| {CONTENDERS[name]} | {times} | {run.peak_mb:,.0f} |"


def judge(medians: dict[str, Run]) -> Sequence[str]:
    """Hold the ratios against the goals; they are meant for the largest size."""
    ours = medians[OURS]
    times = {name: run.validation / ours.validation for name, run in medians.items()}
    goals = [f"memory below 2,000 MB: {_word(ours.peak_mb < 2000)}"]
    if OWN in times:
        goals.append(f"15 times faster than Great Expectations' own: {_word(times[OWN] >= 15)}")
    for name in ("dbt", "pandera"):
        if name in times:
            goals.append(f"faster than {CONTENDERS[name]}: {_word(times[name] > 1)}")
    if "duckdb" in times:
        goals.append(f"within 2 times of DuckDB: {_word(times['duckdb'] >= 0.5)}")
    return ["", *(f"- {goal}" for goal in goals), ""]


def _word(is_reached: bool) -> str:
    return "yes" if is_reached else "no"


if __name__ == "__main__":
    main()
