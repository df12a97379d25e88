"""The questions put to the operator in Airflow: one for each report that waits, not twice in a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

ASKING_DAG = "approve"
ASKED_FOR = timedelta(days=7)  # then the question lapses, and is put again if the report still waits


def find_unasked(waiting: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Give the run of `approve` to start for each waiting report that is not being asked about, nor was this week.

    The key is all that a run is told: a run that was told more could ask about one report and rule on another, and
    Airflow takes what it is told for templates of Jinja, so that none of it may be a ward's own words.
    """
    from airflow.sdk import get_current_context

    count_runs: Any = get_current_context()["ti"].get_dr_count
    unasked = []
    for report in waiting:
        now, before = name_questions(report["key"], datetime.now(UTC))
        is_asked = count_runs(ASKING_DAG, run_ids=[now])
        if not is_asked and not count_runs(ASKING_DAG, run_ids=[before], states=["queued", "running"]):
            unasked.append({"trigger_run_id": now, "conf": {"key": report["key"]}})
    return unasked


def name_questions(key: str, at: datetime) -> tuple[str, str]:
    """Name the runs that ask about a report in the week of a moment, and in the week before it.

    The same report in the same week gives the same name, so that it is never asked about twice at once.
    """
    import re

    safe = re.sub(r"[^A-Za-z0-9_.:+-]", "_", key)
    weeks = (day.isocalendar() for day in (at, at - timedelta(days=7)))
    now, before = (f"{safe}~{week.year}-W{week.week:02}" for week in weeks)
    return now, before
