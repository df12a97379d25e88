"""How often the operator is asked about the same report: once a week, and never while a question is open."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from questions import ASKED_FOR, ASKING_DAG, find_unasked, name_questions

ABOUT = {"submission": "ab12" * 16, "unit": "09574", "period": "2022-04"}
WORDS = {"file": "{{ conn.warehouse }}.csv", "subject": "phường Lê Lợi", "body": "{{ conn.warehouse }}"}
REPORT = {"key": "2022-04:09574:ab12ab12ab12"} | ABOUT | WORDS
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
ALLOWED = r"^[A-Za-z0-9_.~:+-]+$"  # Airflow's scheduler.allowed_run_id_pattern


class Runs:
    """The runs there are, by id, and their state; counts them as a task's `ti` does."""

    def __init__(self, **states: str) -> None:
        self.states = states

    def get_dr_count(self, dag_id: str, *, run_ids: list[str], states: list[str] | None = None) -> int:
        assert dag_id == ASKING_DAG
        return sum(run in self.states and (states is None or self.states[run] in states) for run in run_ids)


def ask(monkeypatch: pytest.MonkeyPatch, *waiting: dict[str, str], **states: str) -> list[dict[str, Any]]:
    monkeypatch.setattr("airflow.sdk.get_current_context", lambda: {"ti": Runs(**states)})
    return find_unasked(list(waiting))


def test_a_report_that_waits_is_asked_about_once_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    this, last = name_questions(REPORT["key"], datetime.now(UTC))
    wanted = [{"trigger_run_id": this, "conf": {"key": REPORT["key"]}}]  # no words of the ward's
    assert ask(monkeypatch) == []
    assert ask(monkeypatch, REPORT) == wanted
    for state in ("queued", "running", "success", "failed"):
        assert ask(monkeypatch, REPORT, **{this: state}) == []
    for state in ("queued", "running"):
        assert ask(monkeypatch, REPORT, **{last: state}) == []
    for state in ("success", "failed"):  # nobody answered, or later
        assert ask(monkeypatch, REPORT, **{last: state}) == wanted


def test_each_report_and_each_week_has_a_question_of_its_own() -> None:
    key = REPORT["key"]
    assert name_questions(key, MONDAY) == (f"{key}~2026-W02", f"{key}~2026-W01")
    assert name_questions(key, MONDAY - timedelta(days=7)) == (f"{key}~2026-W01", f"{key}~2025-W52")
    assert name_questions(key, MONDAY) == name_questions(key, MONDAY + timedelta(days=6, hours=23))
    assert name_questions(key, MONDAY) != name_questions("2022-04:09577:ab12ab12ab12", MONDAY)


def test_a_question_lapses_before_the_one_after_next_is_due() -> None:
    assert timedelta(days=7) >= ASKED_FOR


def test_any_period_makes_a_name_that_airflow_takes() -> None:
    for period in ("2022-04", "2022-Q1", "2022-01/2022-03", "2022-03-15/2022-04-14"):
        for name in name_questions(f"{period}:09574:ab12", MONDAY):
            assert re.match(ALLOWED, name)
