"""The whole system on one machine, for as long as it is wanted."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from etl.embedded import embedded_server
from local.airflow_api import AirflowApi, wait_for_health
from local.layout import CHECKOUT, FIRST_UI_PORT, USER, Layout, Secrets, compose_environment, find_free_port
from local.mail_server import mail_server
from local.processes import Part, Parts, read_end, running_parts

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
WARD_REPORTS = str(Path(sys.executable).with_name("ward-reports"))
DAGS = ("intake", "close_period", "town_dataset", "remind", "approve")
PARTS = (
    Part("api-server", (AIRFLOW, "api-server")),
    Part("scheduler", (AIRFLOW, "scheduler", "--skip-serve-logs")),
    Part("dag-processor", (AIRFLOW, "dag-processor")),
    Part("triggerer", (AIRFLOW, "triggerer", "--skip-serve-logs")),
)
READY_SECONDS = 180


class StartError(Exception):
    """Say what could not be started, and where its log is."""


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """Hold a running system: its address, its environment, its parts."""

    layout: Layout
    url: str
    environment: dict[str, str]
    api: AirflowApi
    parts: Parts
    say: Callable[[str], None]

    def run_command(self, name: str, *command: str) -> str:
        """Run a program inside the system's environment, with its log beside the others."""
        return run_logged(name, command, self.environment, self.layout.logs)


@contextmanager
def running_system(layout: Layout, say: Callable[[str], None]) -> Iterator[RunningSystem]:
    """Start everything, and stop everything at the end of the block, however it ends."""
    layout.create()
    with ExitStack() as stack:
        stack.enter_context(only_system(layout))
        say("PostgreSQL 18 …")
        server = stack.enter_context(embedded_server(layout.postgres))
        for database in ("warehouse", "airflow"):
            server.ensure_database(database)
        smtp_port, ui_port = find_free_port(), find_free_port(FIRST_UI_PORT)
        stack.enter_context(mail_server(layout.mails, smtp_port))
        environment = compose_environment(
            layout,
            ui_port=ui_port,
            smtp_port=smtp_port,
            airflow_url=server.url("airflow"),
            warehouse_url=server.url("warehouse"),
        )
        say("databases …")
        migrate(environment, layout)
        say("Airflow: API server, scheduler, DAG processor, triggerer …")
        record = layout.running / "processes.json"
        parts = stack.enter_context(running_parts(PARTS, environment, logs=layout.logs, record=record))
        url = environment["AIRFLOW__API__BASE_URL"]
        wait_for_health(url, parts.check_alive, seconds=READY_SECONDS)
        api = AirflowApi.log_in(url, user=USER, password=Secrets.read_or_create(layout.airflow).password)
        system = RunningSystem(layout, url, environment, api, parts, say)
        for pool in read_pools():
            api.ensure_pool(pool)
        wait_for_dags(system)
        yield system


@contextmanager
def only_system(layout: Layout) -> Iterator[None]:
    """Refuse to start a second system in the same home."""
    with (layout.running / "system.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(f"a system is already running in {layout.home}. Stop it with: make down") from None
        yield


def is_system_running(layout: Layout) -> bool:
    """Say whether a system runs in this home; a file left by a killed one does not count."""
    layout.create()
    try:
        with only_system(layout):
            return False
    except StartError:
        return True


def migrate(environment: dict[str, str], layout: Layout) -> None:
    """Bring both databases, at the same time, to the shape that this version needs."""
    commands = {"migrate-airflow": (AIRFLOW, "db", "migrate"), "migrate-warehouse": (WARD_REPORTS, "migrate")}
    with ThreadPoolExecutor() as threads:
        runs = [
            threads.submit(run_logged, name, command, environment, layout.logs) for name, command in commands.items()
        ]
        for run in runs:
            run.result()


def run_logged(name: str, command: tuple[str, ...], environment: dict[str, str], logs: Path) -> str:
    """Run a program to its end and give what it printed. *Raises*: StartError with the end of its log."""
    log = logs / f"{name}.log"
    with log.open("wb") as file:
        result = subprocess.run(
            command, check=False, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=file
        )
        file.write(result.stdout)
    if result.returncode:
        raise StartError(f"{' '.join(command)} failed ({result.returncode}). Its log: {log}\n{read_end(log)}")
    return result.stdout.decode()


def read_pools() -> list[dict[str, object]]:
    """Read the pools that the DAGs name."""
    pools = json.loads((CHECKOUT / "config" / "pools.json").read_text())
    return [{"name": name, **pool} for name, pool in pools.items()]


def wait_for_dags(system: RunningSystem) -> None:
    """Wait until every DAG has been read, and let it run."""
    deadline = time.monotonic() + READY_SECONDS
    while not set(DAGS) <= (known := system.api.find_dags()).keys():
        system.parts.check_alive()
        if time.monotonic() > deadline:
            missing = ", ".join(set(DAGS) - known.keys())
            raise StartError(f"Airflow did not read the DAGs {missing}. See {system.layout.logs / 'dag-processor.log'}")
        time.sleep(0.5)
    for dag_id in DAGS:
        if known[dag_id]:
            system.api.unpause(dag_id)
