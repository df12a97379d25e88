"""Time the questions for analysts on ten years of a town: `python -m bench.ten_years`.

Beside each the same answer by pandas from one CSV, taken in turns. Both must say the same; each question must stay
below the limit, or the program ends with an error.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench.made_town import FIRST_YEAR, LAST_YEAR, load_town
from bench.one_csv import ASK, write_csvs
from etl.db import connect, migrate
from etl.embedded import embedded_server
from etl.periods import Period
from etl.reference import Reference, read_reference
from etl.town import build_town

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "docs" / "questions"
ROUNDS, LIMIT_SECONDS = 7, 0.2


def time_questions(reader: Connection, csvs: dict[str, Path]) -> dict[str, float]:
    """Print a line for each question; give the median of each. *Units*: seconds."""
    print("| question, as role reader | rows | median, s | slowest, s | pandas, one CSV: median, s | ratio |")
    print("|---|--:|--:|--:|--:|--:|")
    medians = {}
    for name, (csv, ask, column) in ASK.items():
        statement = (QUESTIONS / f"{name}.sql").read_text("utf-8")
        ours, theirs = [], []
        for _ in range(ROUNDS):
            rows, seconds = _timed(partial(_ask, reader, statement))
            ours.append(seconds)
            answer, seconds = _timed(partial(ask, csvs[csv]))
            theirs.append(seconds)
        if (len(rows), sum(row[column] for row in rows)) != (len(answer), int(answer[column].sum())):
            sys.exit(f"{name}: the warehouse and pandas say different things")
        medians[name], peer = statistics.median(ours), statistics.median(theirs)
        times = f"{medians[name]:.3f} | {max(ours):.3f} | {peer:.3f} | {medians[name] / peer:.2f}"
        print(f"| {name} | {len(rows)} | {times} |")
    return medians


def time_datasets(engine: Engine, reference: Reference) -> None:
    """Print what the town's figures of one year and of ten take: the function of the warehouse, and the dataset."""
    print("\n| the town's figures | one year: median, s | ten years: median, s |\n|---|--:|--:|")
    spans = [(LAST_YEAR, LAST_YEAR), (FIRST_YEAR, LAST_YEAR)]
    with engine.connect() as conn:
        ranges = [_median(partial(_range, conn, *span)) for span in spans]
        datasets = [_median(partial(build_town, conn, reference, _months(reference, *span))) for span in spans]
    for name, (one, ten) in (("town_range", ranges), ("build_town, with coverage and adjustments", datasets)):
        print(f"| {name} | {one:.3f} | {ten:.3f} |")


def _ask(reader: Connection, statement: str) -> Sequence[Any]:
    return reader.exec_driver_sql(statement).mappings().all()


def _range(conn: Connection, first: int, last: int) -> Any:
    ends = {"first": f"{first}-01", "last": f"{last}-12"}
    return conn.execute(text("SELECT * FROM town_range(:first, :last)"), ends).all()


def _months(reference: Reference, first: int, last: int) -> list[Period]:
    calendar = reference.town.calendar
    return [calendar.month(year, month) for year in range(first, last + 1) for month in range(1, 13)]


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = act()
    return result, time.perf_counter() - start


def _median(act: Callable[[], Any]) -> float:
    return statistics.median(_timed(act)[1] for _ in range(3))


def main() -> None:
    reference = read_reference(ROOT / "reference" / "son-tay")
    with tempfile.TemporaryDirectory(prefix="wr-") as folder, embedded_server(Path(folder) / "pg") as server:
        server.ensure_database("ten_years")
        engine = connect(server.url("ten_years"))
        migrate(engine)
        rows = load_town(engine, reference)
        print(f"{FIRST_YEAR} to {LAST_YEAR}, {rows} rows of figures; each asked {ROUNDS} times\n")
        csvs = write_csvs(engine, Path(folder))
        with engine.connect() as reader:
            reader.execute(text("SET ROLE reader"))
            medians = time_questions(reader, csvs)
        time_datasets(engine, reference)
        engine.dispose()
    if slow := [name for name, seconds in medians.items() if seconds > LIMIT_SECONDS]:
        sys.exit(f"above {LIMIT_SECONDS} s: {', '.join(slow)}")


if __name__ == "__main__":
    main()
