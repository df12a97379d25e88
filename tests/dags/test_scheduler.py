"""The whole system for real: PostgreSQL, Airflow's scheduler, an SMTP server, and what an operator does with them.

The steps build on each other, in the order of the file: starting the system costs more than all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from local.layout import Layout
from local.operations import backfill, drop, take_in, wait_until_idle
from local.system import RunningSystem, running_system

PERIODS = ["2022-01", "2022-02", "2022-03", "2022-04"]
FIRST_DAY, LAST_DAY = "2022-01-01", "2022-04-30"
CORRECTED = "samples/2022-04/2-later"
ADDRESS = "09574@phuong.sontay.example"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """Run the whole system in a folder of its own."""
    layout = Layout(tmp_path_factory.mktemp("system") / "var")
    with running_system(layout, print) as system:
        yield system


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
