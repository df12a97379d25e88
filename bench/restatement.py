"""Correct one report in the middle of ten years, and show what is built again: `python -m bench.restatement`.

Once with the months alone published, once with the quarter and the year around the corrected one published too. The
month must be touched, the published ranges it is in, and the judgement of the ward's next report. The program ends with
an error where more is, or where building and publishing the month with all its files take longer than the limit.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, text

from bench.made_town import FIRST_YEAR, LAST_YEAR, load_town
from etl import commands, pipeline
from etl.db import connect, migrate
from etl.embedded import embedded_server
from etl.publications import publish_range
from etl.reference import read_reference
from etl.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
WARD, MONTH, NEXT, QUARTER, YEAR = "09577", "2020-02", "2020-03", "2020-Q1", "2020"
LIMIT_SECONDS = 2.0
HEAD = "unit,period,field,received_in_period,carried_over,received_total,resolved_in_time,resolved_overdue"
HEAD += ",resolved_total,pending_total"


def write_report(folder: Path, month: str, received: int, opening: int) -> Path:
    """Write a ward's plain table for a month; two dossiers are left over."""
    resolved = received + opening - 2
    file = folder / f"{WARD} {month} {received}.csv"
    row = [WARD, month, "ho-tich", received, opening, received + opening, resolved, 0, resolved, 2]
    file.write_text(HEAD + "\n" + ",".join(map(str, row)) + "\n", "utf-8")
    return file


def count_each(engine: Engine) -> dict[str, int]:
    """Give the number of publications of each period."""
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT period_key, count(*) FROM publication GROUP BY period_key"))
        return {row[0]: row[1] for row in rows}


def main() -> None:
    reference = read_reference(ROOT / "reference" / "son-tay")
    with tempfile.TemporaryDirectory(prefix="wr-") as folder, embedded_server(Path(folder) / "pg") as server:
        server.ensure_database("ten_years")
        engine = connect(server.url("ten_years"))
        migrate(engine)
        rows = load_town(engine, reference)
        home = Path(folder, "home")
        home.mkdir()
        url = engine.url.render_as_string(hide_password=False)
        settings = Settings.from_env({"WARD_REPORTS_HOME": str(home), "WARD_REPORTS_DATABASE_URL": url})
        logging.disable()  # the months after these have no files in the archive to be judged again
        commands.submit(settings, [write_report(home, MONTH, 40, 0), write_report(home, NEXT, 50, 2)])
        for month in (MONTH, NEXT, "2020-01"):
            pipeline.publish_period(settings, month)
        print(f"{FIRST_YEAR} to {LAST_YEAR}, {rows} rows\n")
        print("| published again, with all files | judged and loaded, s | built and published, s |\n|---|--:|--:|")
        alone = time_correction(settings, engine, write_report(home, MONTH, 45, 0), {MONTH})
        for one in (QUARTER, YEAR):
            publish_range(settings, one, one)
        time_correction(settings, engine, write_report(home, MONTH, 47, 0), {MONTH, QUARTER, YEAR})
        engine.dispose()
    if alone > LIMIT_SECONDS:
        sys.exit(f"building and publishing the month took more than {LIMIT_SECONDS} s")


def time_correction(settings: Settings, engine: Engine, correction: Path, expected: set[str]) -> float:
    """Take a correction in and publish what it touches; print what that was, and how long it took.

    *Units*: seconds, of building and publishing.
    """
    before = count_each(engine)
    start = time.perf_counter()
    commands.submit(settings, [correction])
    judged = time.perf_counter()
    pipeline.publish_period(settings, MONTH)
    built = time.perf_counter()
    touched = {key for key, number in count_each(engine).items() if number != before.get(key)}
    print(f"| {', '.join(sorted(touched))} | {judged - start:.2f} | {built - judged:.2f} |")
    if touched != expected:
        sys.exit(f"expected {', '.join(sorted(expected))} to be published again, and nothing else")
    return built - judged


if __name__ == "__main__":
    main()
