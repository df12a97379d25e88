"""The questions for analysts: each is answered on the samples by the role `reader`, as docs/questions.md shows it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Connection, Engine, text

from etl import commands, pipeline
from etl.embedded import EmbeddedServer
from etl.reference import Reference
from etl.settings import CHECKOUT, Settings
from etl.town import build_town
from tests.db.conftest import make_database
from tests.db.towns import make_settings

QUESTIONS, PAGE, PICTURE = (CHECKOUT / "docs" / name for name in ("questions", "questions.md", "pictures/stocks.png"))
NAMES = sorted(path.stem for path in QUESTIONS.glob("*.sql"))
BLOCK = re.compile(r"<!-- question: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
MOST_ROWS = 20
RESTATED = ("2022-02", "2022-03", "2022-04")  # by what came later; see samples/README.md


@pytest.fixture(scope="module")
def warehouse(server: EmbeddedServer, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Load all samples once, as they were sent; publish the months that were restated before and after."""
    samples = CHECKOUT / "samples"
    for engine in make_database(server, migrated):
        home = tmp_path_factory.mktemp("questions")
        settings = make_settings(engine, home, {"in_use_since: 2026-01-01": "in_use_since: 2027-01-01"})
        for wave in ("1-first", "2-later"):
            for file in sorted(samples.glob(f"2022-*/{wave}/*/*")):
                target = Path(settings.inbox) / file.parent.name
                target.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target / file.name)
            take_in(settings)
            for month in RESTATED:
                pipeline.publish_period(settings, month)
        for table in sorted((samples / "years").glob("*.csv")):
            commands.submit(settings, [table])
        with engine.begin() as conn:
            conn.execute(text("ANALYZE"))
        yield engine


@pytest.fixture
def reader(warehouse: Engine) -> Iterator[Connection]:
    with warehouse.connect() as conn:
        conn.execute(text("SET ROLE reader"))
        yield conn


def take_in(settings: Settings) -> None:
    for batch in pipeline.receive_inbox(settings):
        pipeline.take_in(settings, batch)


def ask(conn: Connection, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.exec_driver_sql((QUESTIONS / f"{name}.sql").read_text("utf-8")).mappings()]


def compose_block(conn: Connection, name: str) -> str:
    """Show a question's statement, and what it gives."""
    rows = ask(conn, name)
    assert rows, name
    statement = (QUESTIONS / f"{name}.sql").read_text("utf-8").strip()
    is_number = [not isinstance(value, str | bool) for value in rows[0].values()]
    lines = [list(rows[0]), ["--:" if right else "---" for right in is_number]]
    lines += [[_shown(value) for value in row.values()] for row in rows[:MOST_ROWS]]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    more = f"\n\n… and {len(rows) - MOST_ROWS} more rows" if len(rows) > MOST_ROWS else ""
    return f"```sql\n{statement}\n```\n\n{table}{more}\n"


def _shown(value: object) -> str:
    return {None: "", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)


def test_the_page_shows_what_each_question_gives_on_the_samples(reader: Connection) -> None:
    page = PAGE.read_text("utf-8")
    assert sorted(match[1] for match in BLOCK.finditer(page)) == NAMES and len(NAMES) == 5

    def anew(match: re.Match[str]) -> str:
        return f"<!-- question: {match[1]} -->\n{compose_block(reader, match[1])}<!-- end -->"

    composed = BLOCK.sub(anew, page)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(composed, "utf-8")
    assert PAGE.read_text("utf-8") == composed, "write it anew: UPDATE_DOCS=1 pytest tests/db/test_questions.py"


@pytest.mark.parametrize("year", [2024, 2025])
def test_the_years_on_todays_wards_are_those_of_the_dataset(
    reader: Connection, warehouse: Engine, reference: Reference, year: int
) -> None:
    months = [reference.town.calendar.month(year, month) for month in range(1, 13)]
    with warehouse.connect() as conn:
        frame = build_town(conn, reference, months, units_of=date(2026, 10, 14)).frame
    whole = frame[frame["scope"].eq("group") & frame["field"].eq("all") & frame["source_system"].eq("all")]
    measures = ["received_in_period", "resolved_total", "pending_total"]
    built = set(map(tuple, whole[measures].to_numpy().tolist()))
    names = ("received", "resolved", "held_at_end")
    asked = {tuple(int(row[name]) for name in names) for row in ask(reader, "latest_wards") if row["year"] == year}
    assert len(asked) == 2 and asked <= built


def test_the_chart_is_drawn_from_a_question_and_is_the_one_in_the_page(warehouse: Engine, tmp_path: Path) -> None:
    url, drawn = warehouse.url.render_as_string(hide_password=False), tmp_path / "stocks.png"
    command = [sys.executable, "-W", "error", "-m", "docs.chart", url, "-o", str(drawn)]
    subprocess.run(command, check=True, cwd=CHECKOUT, timeout=120)
    if os.environ.get("UPDATE_DOCS"):
        shutil.copyfile(drawn, PICTURE)
    shown, anew = (np.asarray(Image.open(path).convert("L"), dtype=int) for path in (PICTURE, drawn))
    assert shown.shape == anew.shape and np.abs(shown - anew).mean() < 0.5, (
        "UPDATE_DOCS=1 pytest tests/db/test_questions.py"
    )
    assert f"](pictures/{PICTURE.name})" in PAGE.read_text("utf-8")
