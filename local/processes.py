"""Start real processes with a log each, and stop them so that none is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Name one process of the system."""

    name: str
    command: Sequence[str]


class PartDiedError(Exception):
    """Say which part ended by itself, and where its log is."""


@dataclass(slots=True)
class Parts:
    """Hold the running processes of the system."""

    running: dict[str, subprocess.Popen[bytes]]
    logs: Path

    def check_alive(self) -> None:
        """Look whether every part still runs. *Raises*: PartDiedError."""
        for name, process in self.running.items():
            if process.poll() is not None:
                log = self.logs / f"{name}.log"
                raise PartDiedError(f"{name} ended with code {process.returncode}. Its log: {log}\n{read_end(log)}")


@contextmanager
def running_parts(
    parts: Iterable[Part], environment: Mapping[str, str], *, logs: Path, record: Path
) -> Iterator[Parts]:
    """Run the parts for the length of a block; whatever happens in it, stop them and all their children."""
    stop_recorded(record)
    started = Parts({}, logs)
    try:
        for part in parts:
            started.running[part.name] = start(part, environment, logs)
            record.write_text(
                json.dumps([[p.pid, psutil.Process(p.pid).create_time()] for p in started.running.values()])
            )
        yield started
    finally:
        stop([process.pid for process in started.running.values()])
        for process in started.running.values():
            process.wait()
        record.unlink(missing_ok=True)


def start(part: Part, environment: Mapping[str, str], logs: Path) -> subprocess.Popen[bytes]:
    """Start one part in a process group of its own, so that Ctrl-C reaches only us."""
    with (logs / f"{part.name}.log").open("wb") as log:
        return subprocess.Popen(
            part.command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def stop(pids: Iterable[int]) -> None:
    """Ask processes to end, then their children, and kill what does not listen."""
    parents = [process for pid in pids for process in find_process(pid)]
    family = {process: None for parent in parents for process in find_family(parent)}
    for process in parents:
        send(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(parents, PATIENCE_SECONDS)
    family |= {process: None for parent in stubborn for process in find_family(parent)}
    for sign, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 5)):
        left = [process for process in family if process.is_running()]
        for process in left:
            send(process, sign)
        psutil.wait_procs(left, patience)


def stop_recorded(record: Path) -> None:
    """Stop what a killed run has left behind: only processes that are still the ones recorded."""
    if not record.exists():
        return
    for pid, created in json.loads(record.read_text()):
        stop([process.pid for process in find_process(pid) if process.create_time() == created])
    record.unlink()


def find_process(pid: int) -> list[psutil.Process]:
    """Find a process, if it is still there."""
    with suppress(psutil.NoSuchProcess):
        return [psutil.Process(pid)]
    return []


def find_family(parent: psutil.Process) -> list[psutil.Process]:
    """Find a process and everything it has started."""
    with suppress(psutil.NoSuchProcess):
        return [parent, *parent.children(recursive=True)]
    return [parent]


def send(process: psutil.Process, sign: signal.Signals) -> None:
    """Send a signal to a process that may have just ended."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(sign)


def read_end(log: Path, lines: int = 15) -> str:
    """Read the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def is_alive(pid: int) -> bool:
    """Say whether a process exists."""
    return any(process.status() != psutil.STATUS_ZOMBIE for process in find_process(pid))


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Wait for a process that is not our child; say whether it has ended."""
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not is_alive(pid)


def terminate(pid: int) -> None:
    """Ask one process to end."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
