"""An installation of a test's own: its warehouse, inbox, archive, published files and mail server."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from etl import pipeline
from etl.db import connect
from etl.embedded import EmbeddedServer
from etl.settings import CHECKOUT, Settings
from tests.faults.smtp import SmtpServer

SAMPLES = CHECKOUT / "samples"
MOST_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Place:
    """An installation. Its database lies in `server`, its folders below `settings.home`."""

    settings: Settings
    server: EmbeddedServer
    database: str
    smtp: SmtpServer

    @property
    def inbox(self) -> Path:
        return Path(self.settings.inbox)

    def engine(self) -> Engine:
        return connect(self.settings.database_url)

    def drop(self, source: Path, sender: str, name: str | None = None, *, modified: int = 1_650_000_000) -> Path:
        """Put a file into the inbox, in its sender's folder, as changed at a moment in seconds since 1970."""
        target = self.inbox / sender / (name or source.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        os.utime(target, (modified, modified))
        return target


def make_place(
    server: EmbeddedServer, smtp: SmtpServer, home: Path, *, database: str, template: str, imap_url: str = ""
) -> Place:
    """Make an installation whose warehouse is a copy of the database `template`."""
    copy_database(server, template, database)
    settings = Settings.from_env({
        "WARD_REPORTS_HOME": str(home),
        "WARD_REPORTS_DATABASE_URL": server.url(database),
        "WARD_REPORTS_SMTP_URL": smtp.url,
        "WARD_REPORTS_IMAP_URL": imap_url,
        "WARD_REPORTS_MAIL_FROM": "reports@sontay.example",
        "WARD_REPORTS_SETTLE_SECONDS": "0",
    })  # fmt: skip
    Path(settings.inbox).mkdir(parents=True, exist_ok=True)
    return Place(settings, server, database, smtp)


def copy_database(server: EmbeddedServer, template: str, database: str) -> None:
    _administer(server, f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY")


def drop_database(server: EmbeddedServer, database: str) -> None:
    _administer(server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def _administer(server: EmbeddedServer, statement: str) -> None:
    owner = connect(server.url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with owner.connect() as conn:
        conn.execute(text(statement))
    owner.dispose()


def take_round(settings: Settings) -> bool:
    """Do what `intake` and the runs it starts do, once; tell whether there was anything to do."""
    batches = pipeline.receive_inbox(settings)
    for batch in batches:
        pipeline.take_in(settings, batch)
    pipeline.judge_what_changed(settings)
    stale = pipeline.find_stale_periods(settings)
    for period in stale:
        pipeline.publish_period(settings, period)
    sent = pipeline.send_mails(settings)
    return bool(batches or stale or sent["sent"])


def take_rounds(settings: Settings) -> None:
    """Do rounds until one finds nothing to do, as the quarters of an hour go by."""
    for _ in range(MOST_ROUNDS):
        if not take_round(settings):
            return
    raise AssertionError(f"still something to do after {MOST_ROUNDS} rounds")
