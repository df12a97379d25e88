"""A ward's plain table of one field, sent and looked at: what the tests of decisions and judgements share."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import text

from etl import commands
from etl.db import connect
from etl.figures import Wanted, build_release
from etl.settings import Settings

MONTH, CLOSED = "2022-04", "2026-10"  # history is never closed; 15/09/2026 – 14/10/2026 is
WARD = "09574"
LATE = "accepted with warnings"
HEAD = (
    "unit,period,field,source_system,received_in_period,carried_over,received_total,"
    "resolved_in_time,resolved_overdue,resolved_total,pending_total"
)


def write(
    settings: Settings, name: str, *, month: str = MONTH, opening: int = 2, received: int = 10, resolved: int = 9,
    total: int | None = None, minutes: float = 0,
) -> Path:  # fmt: skip
    """Write a plain table with one field, changed so many minutes after a fixed moment."""
    file = settings.home / name
    everything = opening + received
    row = [WARD, month, "ho-tich", "", received, opening, everything, resolved, 0]
    row += [resolved if total is None else total, everything - resolved]
    file.write_text(HEAD + "\n" + ",".join(map(str, row)) + "\n")
    at = datetime(2026, 10, 15, tzinfo=UTC).timestamp() + minutes * 60
    os.utime(file, (at, at))
    return file


def submit(settings: Settings, *files: Path) -> list[str]:
    return [one["outcome"] for one in commands.submit(settings, files)]


def figures(settings: Settings, measure: str, month: str = MONTH) -> int | None:
    """Give the town's figure, as published."""
    frame = build_release(settings, Wanted(month, month)).dataset.frame
    is_whole = frame["field"].eq("all") & frame["source_system"].eq("all")
    value = frame[frame["scope"].eq("town") & is_whole][measure].iloc[0]
    return None if pd.isna(value) else int(value)


def mails(settings: Settings, like: str) -> list[Any]:
    with connect(settings.database_url).begin() as conn:
        statement = "SELECT subject, body_text, recipients FROM mail WHERE topic LIKE :like ORDER BY mail_no"
        return list(conn.execute(text(statement), {"like": like}))


def hashes(settings: Settings, name: str) -> list[str]:
    with connect(settings.database_url).begin() as conn:
        return list(conn.execute(text("SELECT sha256 FROM submission WHERE name = :name"), {"name": name}).scalars())
