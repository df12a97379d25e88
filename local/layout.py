"""Where the local system keeps its files, and which addresses it uses."""

from __future__ import annotations

import json
import os
import secrets
import socket
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
USER = "operator"
FIRST_UI_PORT = 8080
METRICS = "__METRICS__"  # of Airflow's settings those that whoever starts the system may give: docs/runbook.md


@dataclass(frozen=True, slots=True)
class Layout:
    """Name every folder of a local system below its home."""

    home: Path

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Layout:
        """Take the home from the setting, by default `var` in the checkout."""
        return cls(Path(environ.get("WARD_REPORTS_HOME") or CHECKOUT / "var").absolute())

    @property
    def inbox(self) -> Path:
        """Where submissions are dropped."""
        return self.home / "inbox"

    @property
    def published(self) -> Path:
        """Where the town's files appear."""
        return self.home / "published"

    @property
    def postgres(self) -> Path:
        """The embedded server: the warehouse and Airflow's own database."""
        return self.home / "postgres"

    @property
    def airflow(self) -> Path:
        """Airflow's home: its generated secrets and the UI's password."""
        return self.home / "airflow"

    @property
    def logs(self) -> Path:
        """The log of each part, and below it those of the tasks."""
        return self.home / "log"

    @property
    def mails(self) -> Path:
        """Every mail that was sent, as an .eml file."""
        return self.home / "mails"

    @property
    def running(self) -> Path:
        """What is running: the address of the UI and the processes."""
        return self.home / "run"

    def create(self) -> None:
        """Create the folders that somebody else expects to find."""
        for folder in (self.inbox, self.published, self.airflow, self.logs, self.mails, self.running):
            folder.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Hold what an installation must not share with another: made once, kept in a file only its owner can read."""

    password: str
    fernet_key: str
    jwt_secret: str
    api_secret: str

    @classmethod
    def read_or_create(cls, folder: Path) -> Secrets:
        """Read the secrets of an installation, inventing them the first time."""
        path = folder / "secrets.json"
        if not path.exists():
            made = {name: secrets.token_urlsafe(64) for name in ("jwt_secret", "api_secret")}
            made["password"] = secrets.token_urlsafe(9)
            made["fernet_key"] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
            write_private(path, json.dumps(made))
        return cls(**json.loads(path.read_text()))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def find_free_port(first: int = 0) -> int:
    """Find a free port on the loopback address, the first one wanted if it can be had."""
    for port in (first, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def compose_environment(
    layout: Layout, *, ui_port: int, smtp_port: int, airflow_url: str, warehouse_url: str
) -> dict[str, str]:
    """Compose the environment of every part: nothing is configured anywhere else."""
    known = Secrets.read_or_create(layout.airflow)
    ui = f"http://127.0.0.1:{ui_port}"
    airflow = {
        "CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "CORE__PLUGINS_FOLDER": str(CHECKOUT / "plugins"),
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__FERNET_KEY": known.fernet_key,
        "CORE__EXECUTION_API_SERVER_URL": f"{ui}/execution/",
        "CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(layout.airflow / "passwords.json"),
        "DATABASE__SQL_ALCHEMY_CONN": airflow_url,
        "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(ui_port),
        "API__BASE_URL": ui,
        "API__WORKERS": "1",
        "API__SECRET_KEY": known.api_secret,
        "API_AUTH__JWT_SECRET": known.jwt_secret,
        "LOGGING__BASE_LOG_FOLDER": str(layout.logs / "tasks"),
        "DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(layout.airflow / "bundles"),
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    write_private(layout.airflow / "passwords.json", json.dumps({USER: known.password}))
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW") or METRICS in name},
        **{f"AIRFLOW__{name}": value for name, value in airflow.items()},
        **{name: compose_connection(url) for name, url in (("AIRFLOW_CONN_WAREHOUSE", warehouse_url),)},
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(
            {
                "conn_type": "smtp",
                "host": "127.0.0.1",
                "port": smtp_port,
                "extra": {"disable_ssl": True, "disable_tls": True},
            }
        ),
        "AIRFLOW_HOME": str(layout.airflow),
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "config"), str(CHECKOUT)]),
        "PYTHONUNBUFFERED": "1",
        "GX_ANALYTICS_ENABLED": "False",
        "WARD_REPORTS_HOME": str(layout.home),
        "WARD_REPORTS_DATABASE_URL": warehouse_url,
        "WARD_REPORTS_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "WARD_REPORTS_PAGES_URL": ui,
        "WARD_REPORTS_SETTLE_SECONDS": "1",
    }


def compose_connection(url: str) -> str:
    """Compose Airflow's form of a database URL."""
    from sqlalchemy import make_url

    parts = make_url(url)
    known = {
        "conn_type": "postgres",
        "login": parts.username,
        "password": parts.password,
        "host": parts.host,
        "port": parts.port,
        "schema": parts.database,
        "extra": dict(parts.query),
    }
    return json.dumps({name: value for name, value in known.items() if value})
