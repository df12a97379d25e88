"""The DAGs as Airflow reads them, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

READ_DAGS = """
import json, sys
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(sys.argv[1], bundle_path=Path(sys.argv[1]), bundle_name="dags")
from airflow.serialization.serialized_objects import DagSerialization
dags = {}
for dag_id, dag in bag.dags.items():
    DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    dags[dag_id] = {
        "catchup": dag.catchup, "max_active_runs": dag.max_active_runs, "doc": dag.doc_md or "",
        "params": sorted(dag.params),
        "tasks": {
            task.task_id: {
                "pool": task.pool, "retries": task.retries, "rule": task.trigger_rule.value, "owner": task.owner,
                "upstream": sorted(task.upstream_task_ids), "downstream": len(task.downstream_list),
                "mapped": task.is_mapped,
                "policy": type(task.retry_policy).__name__, "alerts": bool(task.on_failure_callback),
                "backoff": bool(getattr(task, "partial_kwargs", {}).get("retry_exponential_backoff", False))
                           or bool(getattr(task, "retry_exponential_backoff", False)),
            }
            for task in dag.tasks
        },
    }
asked = bag.dags["approve"].get_task("record").op_args[0]
ruled_on = {name: [arg.operator.task_id, arg.key] for name, arg in asked.items()}
splits = bag.dags["approve"].get_task("find_question").multiple_outputs
heavy = sorted({"pandas", "great_expectations", "etl.pipeline"} & set(sys.modules))
found = {"errors": bag.import_errors, "dags": dags, "heavy": heavy, "ruled_on": ruled_on, "splits": splits}
print("RESULT", json.dumps(found))
"""


@pytest.fixture(scope="module")
def read(checkout: Path) -> dict[str, Any]:
    """Read the DAG folder as the DAG processor does."""
    command = [sys.executable, "-c", READ_DAGS, str(checkout / "dags")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    found = dict(json.loads(line.removeprefix("RESULT ")))
    assert found["errors"] == {}
    assert found["dags"] != {}
    return found


def test_exactly_the_dags_of_the_folder_are_read(read: dict[str, Any]) -> None:
    assert set(read["dags"]) == {"intake", "close_period", "town_dataset", "remind", "approve"}


def test_parsing_imports_nothing_heavy(read: dict[str, Any]) -> None:
    assert read["heavy"] == []


def test_each_dag_says_who_owns_it_and_what_to_do_when_it_is_red(read: dict[str, Any]) -> None:
    for dag in read["dags"].values():
        assert "Owner:" in dag["doc"]
        text = dag["doc"].partition("**When it is red**")[2]
        own = [
            task
            for task in dag["tasks"]
            if task != "every_batch_loaded" and not (task == "mark" and "close" in dag["tasks"])
        ]
        assert [task for task in own if f"`{task}`" not in text] == []


def test_what_is_ruled_on_is_what_was_asked_whatever_else_the_run_was_told(read: dict[str, Any]) -> None:
    assert read["dags"]["approve"]["params"] == ["key"]
    assert read["splits"]
    assert read["ruled_on"] == {name: ["find_question", name] for name in ("submission", "unit", "period")}


def test_no_dag_makes_up_for_years_and_none_runs_without_bound(read: dict[str, Any]) -> None:
    assert {dag_id: dag["max_active_runs"] for dag_id, dag in read["dags"].items()} == {
        "intake": 1,
        "close_period": 2,
        "town_dataset": 2,
        "remind": 1,
        "approve": 500,
    }
    assert not any(dag["catchup"] for dag in read["dags"].values())


def test_every_task_of_ours_tries_again_and_alerts(read: dict[str, Any]) -> None:
    tasks = [task for dag in read["dags"].values() for task in dag["tasks"].values()]
    assert len(tasks) == 21
    for task in tasks:
        assert task["retries"] == 4
        assert task["policy"] == "ExceptionRetryPolicy"
        assert task["alerts"]
        assert task["backoff"]


def test_a_backfill_leaves_slots_to_intake(read: dict[str, Any], checkout: Path) -> None:
    pools = json.loads((checkout / "config" / "pools.json").read_text())
    used = {dag_id: {task["pool"] for task in dag["tasks"].values()} for dag_id, dag in read["dags"].items()}
    assert used == {
        "intake": {"default_pool"},
        "close_period": {"periods"},
        "town_dataset": {"periods"},
        "remind": {"default_pool"},
        "approve": {"default_pool"},
    }
    assert pools["periods"]["slots"] < 4  # AIRFLOW__CORE__PARALLELISM of the smallest installation, local/layout.py


def test_what_follows_no_matter_what_cannot_turn_a_failed_run_green(read: dict[str, Any]) -> None:
    checked = 0
    for dag in read["dags"].values():
        leaves = [task for task in dag["tasks"].values() if task["downstream"] == 0 and task["rule"] == "none_failed"]
        for task in dag["tasks"].values():
            if task["rule"] == "all_done":
                assert any(set(task["upstream"]) <= set(leaf["upstream"]) for leaf in leaves)
                checked += 1
    assert checked == 4


def test_nothing_in_the_inbox_skips_no_mail_and_no_mark(read: dict[str, Any]) -> None:
    tasks = read["dags"]["intake"]["tasks"]
    assert tasks["check_and_load"]["mapped"]
    for follower in ("find_stale", "find_unasked", "send_mails"):
        assert tasks[follower]["rule"] == "all_done"
    assert tasks["every_batch_loaded"]["rule"] == "none_failed"
