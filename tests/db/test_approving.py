"""What the operator answers in Airflow about a report that waits, with a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from etl import pipeline
from etl.approving import NO_REASON, find_question, record_answer
from etl.rulings import find_waiting, rule_on
from etl.settings import Settings
from tests.db.towns import make_settings, send_samples, take_in

RULINGS = {"yes": True, "no": False, "later": None}
ABOUT = ("submission", "unit", "period")  # what `record` is handed, see dags/approve.py
USER = {"id": "7", "name": "Nguyễn Thị A"}
HEAD = "unit,period,received_in_period,carried_over,received_total,resolved_total,pending_total"


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Give a town whose April is closed, with a report of Phú Thịnh that counts and a changed one that waits."""
    settings = make_settings(engine, tmp_path, {"in_use_since: 2026-01-01": "in_use_since: 2022-04-01"})
    send_samples(settings, "2022-04/1-first/09577")
    (Path(settings.inbox) / "09577").mkdir(parents=True, exist_ok=True)
    (Path(settings.inbox) / "09577" / "sua.csv").write_text(f"{HEAD}\n09577,2022-04,900,0,900,900,0\n", "utf-8")
    take_in(settings)
    pipeline.publish_period(settings, "2022-04")
    return settings


def answer(settings: Settings, option: str, *, reason: str = "", user: dict[str, str] | None = USER) -> dict[str, str]:
    """Answer the question about the report, which may not wait any more, as Airflow hands the answer on."""
    asked = {"unit": "09577", "period": "2022-04", "submission": read_submission(settings)}
    given: dict[str, Any] = {"chosen_options": [option], "params_input": {"reason": reason}, "responded_by_user": user}
    return record_answer(settings, asked, given, rulings=RULINGS)


def read_submission(settings: Settings) -> str:
    (archived,) = [
        path for path in settings.archive.rglob("*") if path.is_file() and HEAD in path.read_text("utf-8", "ignore")
    ]
    return archived.name.partition(".")[0]


def read_rulings(engine: Engine) -> list[tuple[bool, str, str]]:
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT is_counted, author, reason FROM ruling ORDER BY ruling_no"))
        return [tuple(row) for row in rows]


def test_the_question_says_what_would_change(settings: Settings) -> None:
    (waiting,) = find_waiting(settings)
    question = find_question(settings, waiting["key"])
    assert set(question) == {"subject", "body", *ABOUT}
    assert "900" in question["body"] and "phường Phú Thịnh" in question["subject"]


def test_what_is_ruled_on_is_what_was_shown_and_holds_no_words_of_the_wards(settings: Settings, engine: Engine) -> None:
    for unit, n in (("09580", 800), ("09583", 700)):
        (Path(settings.inbox) / unit).mkdir(parents=True, exist_ok=True)
        for name, received in (("{{ 7 * 7 }}.csv", n), ("{{ 8 * 8 }} sua.csv", n + 1)):
            line = f"{unit},2022-04,{received},0,{received},{received},0"
            (Path(settings.inbox) / unit / name).write_text(f"{HEAD}\n{line}\n", "utf-8")
            take_in(settings)
    waiting = find_waiting(settings)
    assert len({report["unit"] for report in waiting}) > 1
    assert any("{{" in report["body"] for report in waiting)
    for report in waiting:
        question = find_question(settings, report["key"])
        asked = {name: question[name] for name in ABOUT}
        assert asked == {name: report[name] for name in ABOUT}
        assert "{{" not in "".join(asked.values())
        record_answer(settings, asked, {"chosen_options": ["no"], "responded_by_user": USER}, rulings=RULINGS)
        left = {one["key"] for one in find_waiting(settings)}
        assert report["key"] not in left
    assert len(read_rulings(engine)) == len(waiting)


def test_there_is_no_question_about_a_report_that_does_not_wait(settings: Settings) -> None:
    assert find_question(settings, "2022-04:09580:ab12ab12ab12") == {}


@pytest.mark.parametrize(("option", "is_counted", "stale"), [("yes", True, ["2022-04"]), ("no", False, [])])
def test_an_answer_is_recorded_with_author_and_reason_once(
    settings: Settings, engine: Engine, option: str, is_counted: bool, stale: list[str]
) -> None:
    assert answer(settings, option, reason="đã đối\nchiếu")["outcome"] == "ruled"
    assert answer(settings, option, reason="lần nữa")["outcome"] == "unchanged"
    assert read_rulings(engine) == [(is_counted, "Nguyễn Thị A", "đã đối chiếu")]
    assert find_waiting(settings) == []
    assert pipeline.find_stale_periods(settings) == stale


def test_without_a_reason_that_is_what_is_recorded(settings: Settings, engine: Engine) -> None:
    answer(settings, "no", reason="  ")
    assert read_rulings(engine) == [(False, "Nguyễn Thị A", NO_REASON)]


@pytest.mark.parametrize(("option", "user"), [("later", USER), ("later", None), ("yes", None)])
def test_later_or_nobodys_answer_decides_nothing(
    settings: Settings, engine: Engine, option: str, user: dict[str, str] | None
) -> None:
    assert answer(settings, option, user=user) == {"outcome": "waits"}
    assert read_rulings(engine) == []
    assert len(find_waiting(settings)) == 1


def test_what_the_command_line_decided_meanwhile_stands(settings: Settings, engine: Engine) -> None:
    said = {"author": "vận hành", "reason": "gọi điện hỏi phường"}
    rule_on(settings, read_submission(settings), "09577", "2022-04", is_counted=False, **said)
    assert answer(settings, "yes")["outcome"] == "unchanged"
    assert read_rulings(engine) == [(False, "vận hành", "gọi điện hỏi phường")]
