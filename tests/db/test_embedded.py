"""The embedded PostgreSQL: shared by processes, and whole again after any of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text

from etl.embedded import LONGEST_SOCKET_PATH, embedded_server, join_server

USER_OF_THE_SERVER = """
import sys
from pathlib import Path
from etl.embedded import database_url
print(database_url(Path(sys.argv[1]), "warehouse"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for a server, and stop whatever a test left running in it."""
    folder = tmp_path / "postgres"
    yield folder
    for postmaster in find_postmasters(folder):
        postmaster.kill()


def find_postmasters(folder: Path) -> list[psutil.Process]:
    """Find the running servers of a folder."""
    wanted = str(folder / "data")
    return [p for p in psutil.process_iter(["cmdline"]) if wanted in (p.info["cmdline"] or []) and "-D" in p.cmdline()]


def start_user(folder: Path) -> subprocess.Popen[str]:
    """Start another process that uses the server until its standard input ends."""
    user = subprocess.Popen(
        [sys.executable, "-c", USER_OF_THE_SERVER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdout is not None
    assert user.stdout.readline().startswith("postgresql+psycopg://")
    return user


def finish(user: subprocess.Popen[str]) -> None:
    """Let a user end in its own time."""
    user.communicate(timeout=60)
    assert user.returncode == 0


def test_serves_named_databases_over_a_socket_only(folder: Path) -> None:
    with embedded_server(folder) as server:
        for name in ("warehouse", "airflow", "warehouse"):
            server.ensure_database(name)
        engine = create_engine(server.url("airflow"), poolclass=NullPool)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT current_database()")).scalar_one() == "airflow"
            assert connection.execute(text("SHOW listen_addresses")).scalar_one() == ""
        assert server.socket_folder.stat().st_mode & 0o077 == 0
    assert find_postmasters(folder) == []


def test_keeps_what_was_written(folder: Path) -> None:
    for statement in ("CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)"):
        with (
            embedded_server(folder) as server,
            psycopg.connect(server.url("postgres").replace("+psycopg", "")) as connection,
        ):
            connection.execute(statement)


def test_works_below_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6)
    assert len(str(folder)) > LONGEST_SOCKET_PATH
    with embedded_server(folder) as server:
        server.ensure_database("warehouse")
        assert not server.socket_folder.is_relative_to(folder)


def test_runs_until_the_last_of_several_users_has_gone(folder: Path) -> None:
    first, second = start_user(folder), start_user(folder)
    finish(first)
    assert len(find_postmasters(folder)) == 1
    finish(second)
    assert find_postmasters(folder) == []


def test_does_not_count_a_killed_user(folder: Path) -> None:
    killed, other = start_user(folder), start_user(folder)
    killed.kill()
    killed.communicate()
    finish(other)
    assert find_postmasters(folder) == []


def test_joins_the_server_that_a_killed_user_left(folder: Path) -> None:
    killed = start_user(folder)
    killed.kill()
    killed.communicate()
    (left,) = find_postmasters(folder)
    with embedded_server(folder):
        assert find_postmasters(folder) == [left]
    assert find_postmasters(folder) == []


def test_starts_again_after_a_crash_whose_pid_belongs_to_another_program(folder: Path) -> None:
    with embedded_server(folder):
        (postmaster,) = find_postmasters(folder)
        pid_file = folder / "data" / "postmaster.pid"
        left_over = pid_file.read_text()
        os.kill(postmaster.pid, signal.SIGKILL)
        postmaster.wait(10)
    pid_file.write_text(left_over.replace(str(postmaster.pid), str(os.getpid()), 1))
    with embedded_server(folder) as server:
        server.ensure_database("warehouse")


def test_many_processes_starting_at_once_share_one_server(folder: Path) -> None:
    command = [sys.executable, "-c", USER_OF_THE_SERVER, str(folder)]
    users = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for user in users:
        assert user.stdout is not None
        assert user.stdout.readline().startswith("postgresql+psycopg://")
    assert len(find_postmasters(folder)) == 1
    for user in users:
        finish(user)
    assert find_postmasters(folder) == []


def test_joining_twice_in_one_process_is_one_membership(folder: Path) -> None:
    assert join_server(folder) is join_server(folder)
