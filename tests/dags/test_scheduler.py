"""The whole system for real: PostgreSQL, Airflow's scheduler, an SMTP server, and what an operator does with them.

The steps build on each other, in the order of the file: starting the system costs more than all of them.
"""

from __future__ import annotations

import hashlib
import shutil
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from local.layout import CHECKOUT, Layout
from local.operations import backfill, drop, take_in, wait_until_idle
from local.system import RunningSystem, running_system

PERIODS = ["2022-01", "2022-02", "2022-03", "2022-04"]
FIRST_DAY, LAST_DAY = "2022-01-01", "2022-04-30"
CORRECTED = "samples/2022-04/2-later"
TICK_SECONDS, NEAR_SECONDS = 900, 75
SETTLE_SECONDS = 2  # a file that was just written may still grow, and waits for the next round
APPROVE, REJECT = "Duyệt / Approve", "Không duyệt / Reject"
ADDRESS = "09574@phuong.sontay.example"


@pytest.fixture(scope="module")
def monitor() -> Iterator[socket.socket]:
    """Listen as a StatsD monitor does; what comes is kept by the socket until a test reads it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, monitor: socket.socket) -> Iterator[RunningSystem]:
    """Run the whole system in a folder of its own, for a town whose decisions a test can change."""
    home = tmp_path_factory.mktemp("system")
    shutil.copytree(CHECKOUT / "reference" / "son-tay", home / "reference")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WARD_REPORTS_REFERENCE", str(home / "reference"))
        environment.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        environment.setenv("AIRFLOW__METRICS__STATSD_HOST", "127.0.0.1")
        environment.setenv("AIRFLOW__METRICS__STATSD_PORT", str(monitor.getsockname()[1]))
        with running_system(Layout(home / "var"), print) as system:
            yield system


@pytest.fixture(autouse=True)
def _between_ticks(system: RunningSystem) -> None:
    """Let a tick of `intake` that is near pass by: a test counts what its own rounds start, and no other."""
    left = TICK_SECONDS - time.time() % TICK_SECONDS
    if left < NEAR_SECONDS:
        time.sleep(left)
        wait_until_idle(system)


def read_published(system: RunningSystem) -> dict[str, str]:
    """Give a hash of each published file."""
    folder = system.layout.published
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read_mails(system: RunningSystem) -> list[EmailMessage]:
    """Read all mails that have arrived, in the order of their arrival."""
    parser = BytesParser(EmailMessage, policy=policy.default)
    return [parser.parsebytes(path.read_bytes()) for path in sorted(system.layout.mails.glob("*.eml"))]


def find_keys(system: RunningSystem, dag_id: str) -> list[str]:
    """Find the periods that a DAG has run for, once for each run."""
    return sorted(run["partition_key"] for run in system.api.find_runs(dag_id))


def test_an_empty_inbox_marks_nothing(system: RunningSystem) -> None:
    take_in(system)
    assert system.api.get("/assets/events", limit=100)["asset_events"] == []
    assert system.api.find_runs("town_dataset") == []
    assert read_mails(system) == []


def test_what_wards_send_is_taken_in_and_each_period_is_built_once(system: RunningSystem, checkout: Path) -> None:
    for period in PERIODS:
        assert drop(checkout / "samples" / period / "1-first", system.layout.inbox) > 0
    take_in(system)
    assert find_keys(system, "town_dataset") == PERIODS
    assert [path for path in system.layout.inbox.rglob("*") if path.is_file()] == []
    addressed = [mail["To"] for mail in read_mails(system)]
    assert addressed.count(ADDRESS) == len(PERIODS)


def test_a_backfill_publishes_each_period(system: RunningSystem) -> None:
    assert backfill(system, first=FIRST_DAY, last=LAST_DAY, again=False) == PERIODS
    assert find_keys(system, "close_period") == PERIODS
    assert find_keys(system, "town_dataset") == sorted(PERIODS * 2)
    for period in PERIODS:
        assert [name for name in read_published(system) if period in name]


def test_the_same_backfill_again_changes_nothing_and_mails_nobody(system: RunningSystem) -> None:
    published, mails = read_published(system), len(read_mails(system))
    assert backfill(system, first=FIRST_DAY, last=LAST_DAY, again=True) == PERIODS
    assert find_keys(system, "close_period") == sorted(PERIODS * 2)
    assert read_published(system) == published
    assert len(read_mails(system)) == mails


def test_a_corrected_file_changes_exactly_its_period_and_one_receipt_goes_out(
    system: RunningSystem, checkout: Path
) -> None:
    published, mails, runs = read_published(system), len(read_mails(system)), find_keys(system, "town_dataset")
    assert drop(checkout / CORRECTED, system.layout.inbox) == 1
    take_in(system)
    wait_until_idle(system)
    assert find_keys(system, "town_dataset") == sorted([*runs, "2022-04"])
    now = read_published(system)
    changed = {name for name in published.keys() | now.keys() if published.get(name) != now.get(name)}
    assert changed
    assert [name for name in changed if "2022-04" not in name] == []
    addressed = [mail["To"] for mail in read_mails(system)[mails:]]
    assert [address for address in addressed if address.endswith("@phuong.sontay.example")] == [ADDRESS]


def send_changed(system: RunningSystem, name: str, unit: str, received: int) -> None:
    """Send other figures of April than those that count."""
    head = "unit,period,received_in_period,carried_over,received_total,resolved_total,pending_total"
    (folder := system.layout.inbox / unit).mkdir(exist_ok=True)
    (folder / name).write_text(f"{head}\n{unit},2022-04,{received},0,{received},{received},0\n", "utf-8")


def test_a_changed_report_of_a_closed_period_waits_and_is_asked_about_once(system: RunningSystem) -> None:
    published, runs = read_published(system), find_keys(system, "town_dataset")
    town = Path(system.environment["WARD_REPORTS_REFERENCE"]) / "town.yaml"
    town.write_text(town.read_text("utf-8").replace("in_use_since: 2026-01-01", "in_use_since: 2022-04-01"), "utf-8")
    send_changed(system, "bao cao {{ 7 * 7 }}.csv", "09577", 900)
    send_changed(system, "bao cao.csv", "09580", 800)
    time.sleep(SETTLE_SECONDS)
    for _ in range(2):  # the second round finds the same reports waiting
        take_in(system)
        asked = system.api.find_questions()
        assert sorted(run["dag_run_id"].partition("~")[0][:14] for run in system.api.find_runs("approve")) == [
            "2022-04:09577:",
            "2022-04:09580:",
        ]
        assert len(asked) == 2
        assert not any(question["response_received"] for question in asked)
    assert "{{ 7 * 7 }}" in next(q["body"] for q in asked if "09577" in q["task_instance"]["dag_run_id"])
    assert read_published(system) == published
    assert find_keys(system, "town_dataset") == runs


def test_what_the_operator_answers_is_recorded_published_and_told(system: RunningSystem) -> None:
    published, mails, runs = read_published(system), len(read_mails(system)), find_keys(system, "town_dataset")
    for question in system.api.find_questions():
        task = question["task_instance"]
        option = APPROVE if "09577" in task["dag_run_id"] else REJECT
        system.api.answer(task, option, reason=f"đã đối chiếu {{{{ 1 + 1 }}}}: {option}")
    wait_until_idle(system)
    assert {run["state"] for run in system.api.find_runs("approve")} == {"success"}
    added = Counter(find_keys(system, "town_dataset")) - Counter(runs)
    assert set(added) == {"2022-04"}  # once or twice: both answers come at one moment, and each may mark the period
    changed = {name for name, content in read_published(system).items() if published.get(name) != content}
    assert changed
    assert [name for name in changed if "2022-04" not in name] == []
    told = {
        mail["To"]: mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        for mail in read_mails(system)[mails:]
        if mail["To"].endswith("@phuong.sontay.example")
    }
    assert set(told) == {"09577@phuong.sontay.example", "09580@phuong.sontay.example"}
    for address, option in (("09577", APPROVE), ("09580", REJECT)):
        words = told[f"{address}@phuong.sontay.example"]
        assert f"đã đối chiếu {{{{ 1 + 1 }}}}: {option}" in words
        assert "operator" in words
    take_in(system)
    assert len(system.api.find_runs("approve")) == 2


def test_a_monitor_hears_of_the_scheduler_and_of_each_task(system: RunningSystem, monitor: socket.socket) -> None:
    monitor.setblocking(False)
    with suppress(BlockingIOError):  # what came until now filled the socket long ago
        while monitor.recv(65_536):
            pass
    monitor.settimeout(30)
    awaited = {"airflow.scheduler_heartbeat", "airflow.ti.finish.intake.receive.success", "airflow.pool.queued_slots"}
    take_in(system)
    while awaited:
        awaited -= {line.partition(":")[0] for line in monitor.recv(65_536).decode().splitlines()}


def test_nothing_failed_on_the_way(system: RunningSystem) -> None:
    assert system.api.find_tasks(state="failed") == []
    assert system.api.find_tasks(state="up_for_retry") == []
    wanted = {f"{period} {dag_id}" for period in PERIODS for dag_id in ("close_period", "town_dataset")}
    done = {
        f"{run['partition_key']} {dag_id}"
        for dag_id in ("close_period", "town_dataset")
        for run in system.api.find_runs(dag_id)
        if run["state"] == "success"
    }
    assert done == wanted
