"""From xlsx files to checked reports, a nation's month of them, against openpyxl: `python -m bench.read`.

Every file is another commune's: thirty fields below merged headings, formulas for the sums, one in fifty mistyped.
Ours reads each in a child that may be killed, parses it and checks it through Great Expectations, in batches as a task
takes them. The peers only read the cells, in this process, without any limit: openpyxl alone; pandas with openpyxl;
and calamine, the library inside ours, as the bound that no reader passes. They read a sample, and their time is scaled
to all files. Starting the processes and importing is not counted, for anybody.
"""

import argparse
import hashlib
import logging
import multiprocessing
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.nation import COMMUNES, build_nation
from bench.nation_files import Sample, make_files
from etl.check import CheckContext, check
from etl.errors import SubmissionError
from etl.model import Report, Submission
from etl.parse import parse_book
from etl.reading.sheets import read_books
from etl.reference import Reference, read_reference

ROOT = Path(__file__).resolve().parents[1]
BATCH = 200
MISTYPED = 0.02
ARRIVED = datetime(2022, 4, 16, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Effort:
    """What a batch cost. *Units*: seconds of processor time, of all processes; MB held at most, likewise."""

    files: int
    processor: float
    memory: int
    verdicts: Counter[str]


@dataclass(frozen=True, slots=True)
class Line:
    """What a way of reading took. *Units*: seconds."""

    way: str
    processes: int
    files: int
    wall: float
    processor: float
    memory: int

    def wall_of(self, files: int) -> float:
        return self.wall * files / self.files


@cache
def nation() -> Reference:
    return build_nation(read_reference(ROOT / "reference" / "son-tay"))


def check_all(paths: Sequence[Path]) -> Counter[str]:
    """Read, parse and check files as one batch, as the intake does."""
    names = {unit.code: unit.name for unit in nation().units}
    reports: list[Report] = []
    verdicts = Counter[str]()
    with closing(read_books(paths)) as books:
        for path, book in zip(paths, books, strict=True):
            if isinstance(book, SubmissionError):
                verdicts["unreadable"] += 1
                continue
            name, sha256 = f"BC TTHC xã {names[path.stem]} T4-2022.xlsx", hashlib.sha256(path.name.encode()).hexdigest()
            submission = Submission(sha256, name, path.stat().st_size, ARRIVED, path)
            reports += parse_book(submission, book, nation())
    return verdicts + Counter(checked.verdict.value for checked in check(reports, CheckContext(nation())))


def read_openpyxl(paths: Sequence[Path]) -> Counter[str]:
    from openpyxl import load_workbook

    for path in paths:
        assert [[cell.value for cell in row] for page in load_workbook(path) for row in page.iter_rows()]
    return Counter()


def read_pandas(paths: Sequence[Path]) -> Counter[str]:
    import pandas as pd

    for path in paths:
        assert pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")
    return Counter()


def read_calamine(paths: Sequence[Path]) -> Counter[str]:
    from python_calamine import CalamineWorkbook

    for path in paths:
        book = CalamineWorkbook.from_path(path)
        assert [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return Counter()


OURS = "to a checked report"
WAYS: dict[str, Callable[[Sequence[Path]], Counter[str]]] = {
    OURS: check_all,
    "openpyxl, cells alone": read_openpyxl,
    "pandas with openpyxl, cells alone": read_pandas,
    "calamine, cells alone": read_calamine,
}


def do_batch(told: tuple[str, Sequence[Path]]) -> Effort:
    way, paths = told
    logging.disable()
    before = _processor()
    verdicts = WAYS[way](paths)
    held = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Effort(len(paths), _processor() - before, held >> 10, verdicts)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(way: str, paths: Sequence[Path], *, processes: int, batch: int) -> tuple[Line, Counter[str]]:
    """Do all files in batches, over so many processes that have started and imported before."""
    size = max(1, min(batch, len(paths) // processes))
    batches = [(way, paths[i : i + size]) for i in range(0, len(paths), size)]
    done: list[Effort] = []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(do_batch, [(way, paths[:2])] * (4 * processes), chunksize=1)
        start = time.perf_counter()
        for effort in pool.imap_unordered(do_batch, batches):
            done.append(effort)
            _tell(f"{way}: {sum(one.files for one in done)} of {len(paths)}")
        wall = time.perf_counter() - start
    _tell("")
    used, held = sum(one.processor for one in done), max(one.memory for one in done)
    verdicts = sum((one.verdicts for one in done), Counter[str]())
    return Line(way, processes, len(paths), wall, used, held), verdicts


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:70}", end="", file=sys.stderr, flush=True)


def print_lines(lines: Sequence[Line], files: int) -> None:
    print("| | processes | files read | seconds for all | files a second | … of processor time | MB a process |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for one in lines:
        rates = f"{one.files / one.wall:.0f} | {one.files / one.processor:.0f} | {one.memory}"
        print(f"| {one.way} | {one.processes} | {one.files} | {one.wall_of(files):.1f} | {rates} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.read", description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=COMMUNES, help="communes, one file each (at most %(default)s)")
    parser.add_argument("--sample", type=int, default=300, help="files that the peers read (%(default)s)")
    parser.add_argument("--batch", type=int, default=BATCH, help="files a task takes at once (%(default)s)")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="at once (1 and 2)")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench" / "read", help="where the files are kept")
    chosen = parser.parse_args()
    paths = make_files(chosen.folder, nation(), Sample(min(chosen.files, COMMUNES), MISTYPED))
    lines: dict[tuple[str, int], Line] = {}
    for processes in chosen.processes:
        for way in WAYS:
            some = paths if way == OURS else paths[: chosen.sample]
            lines[way, processes], verdicts = measure(way, some, processes=processes, batch=chosen.batch)
            if verdicts:
                print(f"{len(some)} files, {processes} at once:", dict(sorted(verdicts.items())))
    print()
    print_lines(list(lines.values()), len(paths))
    print()
    for (way, processes), line in lines.items():
        ours = lines[OURS, processes]
        if way != OURS:
            by_wall = line.wall_of(len(paths)) / ours.wall
            by_processor = line.processor / line.files * ours.files / ours.processor
            told = f"{by_wall:.1f} times the time of ours, {by_processor:.1f} times its processor time"
            print(f"{way}, {processes} at once: {told}" + (" (goal: 10)" if "openpyxl" in way else ""))


if __name__ == "__main__":
    main()
