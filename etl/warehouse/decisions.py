"""What operators have decided about reports, as the warehouse keeps it: waivers and corrections."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from etl.corrections import Correction
from etl.db import query
from etl.waivers import Waiver

_WAIVER = (
    "waiver_no", "unit", "period", "rule", "source_system", "field", "measure", "found", "expected", "reason", "author",
    "until",
)  # fmt: skip
_CORRECTION = (
    "correction_no", "unit", "period", "sheet", "row", "measure", "original", "corrected", "reason", "author",
)  # fmt: skip


def read_waivers(conn: Connection, period_keys: Iterable[str], today: date) -> list[Waiver]:
    """Read the waivers of these periods that are in force: the last word on each finding, if it has not ended."""
    rows = conn.execute(query("find_waiver"), {"period_keys": sorted(set(period_keys))}).mappings()
    in_force = (row for row in rows if row["is_last"] and (row["until"] is None or row["until"] >= today))
    return [Waiver(**{name: row[name] for name in _WAIVER}) for row in in_force]


def read_corrections(conn: Connection, submissions: Sequence[str]) -> dict[str, list[Correction]]:
    """Read the corrections made to reports of these files, in the order in which they were made, by file."""
    found: dict[str, list[Correction]] = defaultdict(list)
    for row in conn.execute(query("find_correction"), {"submissions": list(submissions)}).mappings():
        found[row["submission"]].append(Correction(**{name: row[name] for name in _CORRECTION}))
    return dict(found)


def add_waiver(conn: Connection, **waiver: Any) -> int:
    """Grant a waiver; give its number."""
    return int(conn.execute(query("insert_waiver"), waiver).scalar_one())


def add_ruling(conn: Connection, **ruling: Any) -> datetime:
    """Record whether a report counts; give the moment."""
    made_at: datetime = conn.execute(query("insert_ruling"), ruling).scalar_one()
    return made_at


def find_decisions(conn: Connection, period_key: str | None) -> list[dict[str, Any]]:
    """List all decisions, of a period or of all, the oldest first. *Shape*: see the statement."""
    return [dict(row) for row in conn.execute(query("find_decision"), {"period_key": period_key}).mappings()]


def add_correction(conn: Connection, **correction: Any) -> int:
    """Record a correction; give its number."""
    return int(conn.execute(query("insert_correction"), correction).scalar_one())
