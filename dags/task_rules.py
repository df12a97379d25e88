"""What every task of the DAGs shares: where its settings come from, when it is tried again, who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from airflow.sdk.definitions.context import Context

    from etl.settings import Settings

TIME_ZONE = "Asia/Ho_Chi_Minh"
PERIODS_POOL = "periods"  # config/pools.json: a backfill of years waits here and leaves the other slots to intake


P = ParamSpec("P")
T = TypeVar("T")


def run(step: Callable[Concatenate[Settings, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a step of the pipeline with the settings of this installation."""
    return step(read_settings(), *args, **kwargs)


def read_settings() -> Settings:
    """Read the settings from the environment, and the addresses with passwords from Airflow's connections."""
    import os

    from airflow.sdk import Connection

    from etl.settings import Settings

    addresses = {
        "WARD_REPORTS_DATABASE_URL": compose_database_url(Connection.get("warehouse")),
        "WARD_REPORTS_SMTP_URL": compose_smtp_url(Connection.get("smtp_default")),
        "WARD_REPORTS_IMAP_URL": read_imap_url(),
    }
    return Settings.from_env({**os.environ, **addresses})


def read_imap_url() -> str:
    """Read the address of the mailbox that wards mail their files to. *Missing*: "" without a connection `mailbox`."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return compose_imap_url(Connection.get("mailbox"))
    except AirflowNotFoundException:
        return ""


def compose_database_url(connection: Connection) -> str:
    """Compose the SQLAlchemy URL of a connection of type postgres; its extra fields go to the driver."""
    from sqlalchemy import URL

    url = URL.create(
        "postgresql+psycopg",
        username=connection.login,
        password=connection.password,
        host=connection.host or None,
        port=connection.port,
        database=connection.schema,
        query=connection.extra_dejson,
    )
    return url.render_as_string(hide_password=False)


def compose_smtp_url(connection: Connection) -> str:
    """Compose the URL of a connection of type smtp, encrypted unless its extra fields say otherwise."""
    from urllib.parse import quote

    plain, no_upgrade = (
        str(connection.extra_dejson.get(name, "")).lower() == "true" for name in ("disable_ssl", "disable_tls")
    )
    scheme = "smtps" if not plain else "smtp" if no_upgrade else "smtp+starttls"
    user = quote(connection.login or "", safe="")
    password = f":{quote(connection.password, safe='')}" if connection.password else ""
    return f"{scheme}://{user}{password}{'@' if user else ''}{connection.host}:{connection.port or 25}"


def compose_imap_url(connection: Connection) -> str:
    """Compose the URL of a connection of type imap: encrypted, and the folder INBOX, unless its extra fields differ.

    With `use_ssl` false it is plain, and with `use_starttls` true beside it encrypted after the greeting.
    """
    from urllib.parse import quote

    extra = connection.extra_dejson
    is_plain = str(extra.get("use_ssl", True)).lower() == "false"
    is_upgraded = str(extra.get("use_starttls", False)).lower() == "true"
    scheme = "imaps" if not is_plain else "imap+starttls" if is_upgraded else "imap"
    user, password = quote(connection.login or "", safe=""), quote(connection.password or "", safe="")
    port = f":{connection.port}" if connection.port else ""
    return f"{scheme}://{user}:{password}@{connection.host}{port}/{quote(extra.get('folder') or 'INBOX', safe='')}"


def alert_operator(context: Context) -> None:
    """Tell the operator that a task has failed for good."""
    from etl.pipeline import alert_operator as alert

    failed = context["ti"]
    run(alert, dag_id=failed.dag_id, task_id=failed.task_id, run_id=failed.run_id, error=repr(context.get("exception")))


# Bad data never raises, so a failed task is a fault of ours or of a server: worth another try, except where
# the operator must first change a setting.
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "town operator",
    "retries": 4,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception="etl.errors.ConfigError",
                action=RetryAction.FAIL,
                reason="A setting or the reference folder is wrong: the operator must act, trying again cannot help.",
            )
        ]
    ),
    "on_failure_callback": alert_operator,
}
