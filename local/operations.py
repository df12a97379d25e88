"""What an operator does with a running system, step by step: drop files, take them in, backfill, wait."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from local.airflow_api import AirflowApi
from local.system import AIRFLOW, DAGS, RunningSystem

QUIET_SECONDS = 4  # longer than the scheduler needs from a mark to the run it starts
UNDER_WAY = {"queued", "running"}


class RunFailedError(Exception):
    """Name the run that failed, its tasks, and where their log is."""


def drop(folder: Path, inbox: Path) -> int:
    """Put the files of a folder into the inbox, with the folders below it; give their number."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for file in files:
        target = inbox / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    return len(files)


def take_in(system: RunningSystem, *, seconds: float = 180) -> None:
    """Start `intake` now and wait for its end, and for what it has started. *Raises*: RunFailedError."""
    started = system.api.trigger("intake")
    wait_until_idle(system, seconds=seconds)
    refuse_failed(system, "intake", [run for run in system.api.find_runs("intake") if run["dag_run_id"] == started])


def backfill(system: RunningSystem, *, first: str, last: str, again: bool, seconds: float = 300) -> list[str]:
    """Backfill `close_period` from a day to another, wait until all is published, and give the periods published."""
    wait_until(
        system,
        lambda: not system.api.has_backfill_under_way("close_period"),
        seconds=seconds,
        what="the backfill before this one",
    )
    before = {dag_id: find_ids(system.api, dag_id) for dag_id in ("close_period", "town_dataset")}
    behavior = "completed" if again else "none"
    options = ("--dag-id", "close_period", "--from-date", first, "--to-date", last, "--reprocess-behavior", behavior)
    system.run_command("backfill", AIRFLOW, "backfill", "create", *options)
    wait_until_idle(system, seconds=seconds)
    closed, published = (
        [run for run in system.api.find_runs(dag_id) if run["dag_run_id"] not in known]
        for dag_id, known in before.items()
    )
    refuse_failed(system, "close_period", closed)
    refuse_failed(system, "town_dataset", published)
    if forgotten := {run["partition_key"] for run in closed} - {run["partition_key"] for run in published}:
        raise RunFailedError(f"closed, but never published: {sorted(forgotten)}. The logs: {system.layout.logs}")
    return sorted({run["partition_key"] for run in closed})


def wait_until_idle(system: RunningSystem, *, seconds: float = 300) -> None:
    """Wait until no run is under way or about to start, saying what has ended meanwhile.

    A run that waits for somebody's answer is not waited for.
    """
    told = {run_id for dag_id in DAGS for run_id in find_ended(system.api, dag_id)}
    busy_at = time.monotonic()

    def is_idle() -> bool:
        nonlocal busy_at
        runs = [run for dag_id in DAGS for run in system.api.find_runs(dag_id)]
        tell_news(system, runs, told)
        if {run["dag_run_id"] for run in runs if is_active(run)} - find_asking(system.api):
            busy_at = time.monotonic()
        return time.monotonic() - busy_at > QUIET_SECONDS

    wait_until(system, is_idle, seconds=seconds, what="a run")


def tell_news(system: RunningSystem, runs: Iterable[dict[str, Any]], told: set[str]) -> None:
    """Say once which runs have ended and which tasks will be tried again."""
    for run in runs:
        if not is_active(run) and run["dag_run_id"] not in told:
            told.add(run["dag_run_id"])
            system.say(f"  {run['dag_id']:<13} {run['partition_key'] or '':<8} {run['state']}")
    for task in system.api.find_tasks(state="up_for_retry"):
        if task["id"] not in told:
            told.add(task["id"])
            log = find_log(system, task["dag_id"], task["dag_run_id"])
            system.say(f"  {task['dag_id']:<13} {task['task_id']} failed and will be tried again. Its log: {log}")


def wait_until(system: RunningSystem, is_done: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Ask again and again whether something is done, while every part of the system is alive."""
    deadline = time.monotonic() + seconds
    while not is_done():
        system.parts.check_alive()
        if time.monotonic() > deadline:
            raise RunFailedError(f"{what} was not done after {seconds:.0f} s. The logs: {system.layout.logs}")
        time.sleep(0.5)


def refuse_failed(system: RunningSystem, dag_id: str, runs: Iterable[dict[str, Any]]) -> None:
    """Name the first failed run. *Raises*: RunFailedError."""
    for run in runs:
        if run["state"] == "failed":
            tasks = ", ".join(
                task["task_id"]
                for task in system.api.find_tasks(dag_id=dag_id, run_id=run["dag_run_id"], state="failed")
            )
            raise RunFailedError(f"{dag_id} failed in: {tasks}. The log: {find_log(system, dag_id, run['dag_run_id'])}")


def find_log(system: RunningSystem, dag_id: str, run_id: str) -> Path:
    """Find the folder with the logs of a run's tasks."""
    return system.layout.logs / "tasks" / f"dag_id={dag_id}" / f"run_id={run_id}"


def find_ids(api: AirflowApi, dag_id: str) -> set[str]:
    """Find the ids of all runs of a DAG."""
    return {run["dag_run_id"] for run in api.find_runs(dag_id)}


def find_ended(api: AirflowApi, dag_id: str) -> set[str]:
    """Find the ids of the runs that have ended."""
    return {run["dag_run_id"] for run in api.find_runs(dag_id) if not is_active(run)}


def find_asking(api: AirflowApi) -> set[str]:
    """Find the ids of the runs that wait for somebody's answer."""
    return {task["dag_run_id"] for task in api.find_tasks(state="awaiting_input")}


def is_active(run: dict[str, Any]) -> bool:
    """Say whether a run waits or runs."""
    return run["state"] in UNDER_WAY
