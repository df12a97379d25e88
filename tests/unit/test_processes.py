"""Processes of the local system: none is left behind, and none of somebody else is touched."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local.processes import Part, PartDiedError, running_parts, stop_recorded

SLEEP = "import time; time.sleep(60)"
PARENT = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); time.sleep(60)"


def part(name: str, code: str) -> Part:
    """Make a part out of a line of Python."""
    return Part(name, (sys.executable, "-c", code))


def wait_for_child(pid: int) -> psutil.Process:
    """Wait until a process has a child."""
    for _ in range(100):
        if children := psutil.Process(pid).children():
            return children[0]
        time.sleep(0.1)
    raise AssertionError(f"{pid} has no child")


def test_parts_and_their_children_end_with_the_block(tmp_path: Path) -> None:
    record = tmp_path / "processes.json"
    with running_parts([part("parent", PARENT)], {}, logs=tmp_path, record=record) as parts:
        child = wait_for_child(parts.running["parent"].pid)
        assert json.loads(record.read_text())
    assert not child.is_running()
    assert not record.exists()


def test_a_part_that_died_names_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(PartDiedError, match=r"mayfly\.log\nlast words"),
        running_parts([part("mayfly", "print('last words')")], {}, logs=tmp_path, record=tmp_path / "r") as parts,
    ):
        parts.running["mayfly"].wait()
        parts.check_alive()


def test_what_a_killed_run_left_is_stopped_but_not_a_process_with_a_reused_number(tmp_path: Path) -> None:
    record = tmp_path / "processes.json"
    with (
        subprocess.Popen([sys.executable, "-c", SLEEP]) as left,
        subprocess.Popen([sys.executable, "-c", SLEEP]) as foreign,
    ):
        born = psutil.Process(left.pid).create_time()
        record.write_text(json.dumps([[left.pid, born], [foreign.pid, born - 1000]]))
        stop_recorded(record)
        left.wait(10)
        assert foreign.poll() is None
        foreign.kill()
    assert not record.exists()
