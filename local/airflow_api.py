"""Speak with the running Airflow through its public REST API."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

RESOURCES = "/api/v2"


class ApiError(Exception):
    """Say which request Airflow refused, and why."""


@dataclass(frozen=True, slots=True)
class AirflowApi:
    """Hold the address of an Airflow and a token for it."""

    url: str
    token: str

    @classmethod
    def log_in(cls, url: str, *, user: str, password: str) -> AirflowApi:
        """Get a token for a user."""
        answer = send_request(f"{url}/auth/token", body={"username": user, "password": password})
        return cls(url, answer["access_token"])

    def get(self, path: str, **query: Any) -> Any:
        """Read a resource."""
        return send_request(f"{self.url}{RESOURCES}{path}?{urlencode(query, doseq=True)}", token=self.token)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Create a resource."""
        return send_request(f"{self.url}{RESOURCES}{path}", token=self.token, body=body)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """Change a resource."""
        return send_request(f"{self.url}{RESOURCES}{path}", token=self.token, body=body, method="PATCH")

    def ensure_pool(self, pool: dict[str, Any]) -> None:
        """Create a pool, or give the one of that name its size."""
        known = {existing["name"] for existing in self.get("/pools", limit=1000)["pools"]}
        if pool["name"] in known:
            self.patch(f"/pools/{pool['name']}", pool)
        else:
            self.post("/pools", pool)

    def find_dags(self) -> dict[str, bool]:
        """Find the DAGs, and for each whether it is paused."""
        return {dag["dag_id"]: dag["is_paused"] for dag in self.get("/dags", limit=100)["dags"]}

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run."""
        self.patch(f"/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, *, partition_key: str | None = None) -> str:
        """Start a run now; give its id."""
        body: dict[str, Any] = {"logical_date": None}
        if partition_key is not None:
            body["partition_key"] = partition_key
        return str(self.post(f"/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def find_runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Find the runs of a DAG, the oldest first."""
        return list(self.get(f"/dags/{dag_id}/dagRuns", limit=1000, order_by="id")["dag_runs"])

    def has_backfill_under_way(self, dag_id: str) -> bool:
        """Say whether a backfill of a DAG is not marked as done: until then Airflow takes no other."""
        return any(one["completed_at"] is None for one in self.get("/backfills", dag_id=dag_id)["backfills"])

    def find_questions(self) -> list[dict[str, Any]]:
        """Find the questions put to people, answered or not, each with its task."""
        return list(self.get("/dags/~/dagRuns/~/hitlDetails", limit=1000)["hitl_details"])

    def answer(self, task: dict[str, Any], option: str, **inputs: Any) -> None:
        """Answer a task's question as the page does."""
        run = f"/dags/{task['dag_id']}/dagRuns/{quote(task['dag_run_id'], safe='')}"
        answer = {"chosen_options": [option], "params_input": inputs}
        self.patch(f"{run}/taskInstances/{task['task_id']}/{task['map_index']}/hitlDetails", answer)

    def find_tasks(self, *, dag_id: str = "~", run_id: str = "~", state: str) -> list[dict[str, Any]]:
        """Find the tasks in a state, of one run or of all."""
        found = self.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", state=state, limit=1000)
        return list(found["task_instances"])


def send_request(url: str, *, token: str = "", body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    """Send one request and read its JSON answer. *Raises*: ApiError; URLError when nobody listens."""
    request = urllib.request.Request(url, method=method, headers={"Accept": "application/json"})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise ApiError(f"{request.get_method()} {url}: {error.code} {error.read().decode(errors='replace')}") from error


def wait_for_health(url: str, check_alive: Any, *, seconds: float) -> None:
    """Wait until the database, the scheduler, the DAG processor and the triggerer say they are well."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check_alive()
        try:
            health = send_request(f"{url}{RESOURCES}/monitor/health")
        except (OSError, ApiError):
            health = {}
        if health and all((part or {}).get("status") == "healthy" for part in health.values()):
            return
        time.sleep(0.5)
    raise TimeoutError(f"Airflow at {url} was not ready after {seconds:.0f} s; it last said {health}")
