"""The files that arrived, as the warehouse keeps them: recorded, found again, and those that are to be judged again."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from etl.db import query
from etl.model import Counting, Submission

Seen = tuple[int, int]  # the last reading, and the last wish to judge again


def record_submission(conn: Connection, submission: Submission) -> bool:
    """Record that a file arrived; tell whether its bytes are new here."""
    names = ("sha256", "name", "size_bytes", "received_at", "sent_by", "modified_at")
    values = {name: getattr(submission, name) for name in names} | {"archived_as": str(submission.path)}
    return conn.execute(query("insert_submission"), values).first() is not None


def find_unprocessed(conn: Connection, at_most: int | None = None) -> list[Submission]:
    """List the submissions never read, the oldest first; all of them, or at most so many."""
    return [_submission(row) for row in conn.execute(query("find_submission_unprocessed"), {"at_most": at_most})]


def find_submissions(conn: Connection, period_keys: Sequence[str]) -> list[Submission]:
    """List the submissions with a report of these periods, the oldest first."""
    rows = conn.execute(query("find_submission_of_period"), {"period_keys": list(period_keys)})
    return [_submission(row) for row in rows]


def find_counting(conn: Connection, sha256: str) -> list[Counting]:
    """List which files count for the units and periods that a file speaks of, as it was last read."""
    rows = conn.execute(query("find_report_counting"), {"submission": sha256}).mappings()
    return [Counting(**dict(row)) for row in rows]


def find_awaited(conn: Connection, sha256: str) -> list[str]:
    """List the files of the same sender that came after this one and were never read."""
    return list(conn.execute(query("find_submission_awaited"), {"submission": sha256}).scalars())


def _submission(row: Row[Any]) -> Submission:
    path = Path(row.archived_as)
    return Submission(row.sha256, row.name, row.size_bytes, row.received_at, path, row.sent_by, row.modified_at)


def find_rejudgements(conn: Connection) -> list[Submission]:
    """List the submissions that are to be judged again, the oldest first."""
    return [_submission(row) for row in conn.execute(query("find_rejudgement"))]


def find_lapsed(conn: Connection, today: date) -> list[Submission]:
    """List the submissions with a finding whose waiver has come to its end."""
    return [_submission(row) for row in conn.execute(query("find_submission_lapsed"), {"today": today})]


def ask_again(conn: Connection, sha256: str, cause: str) -> None:
    """Ask for a submission to be judged again."""
    conn.execute(query("insert_rejudgement_of"), {"submission": sha256, "cause": cause})


def find_submission(conn: Connection, sha256: str) -> Submission:
    """Give a submission that is known."""
    return _submission(conn.execute(query("find_submission"), {"submission": sha256}).one())


def find_seen(conn: Connection, submissions: Sequence[str]) -> dict[str, Seen]:
    """Give the last reading of each submission, and the last wish to judge it again, done or not; 0 for none.

    Ask before anything that a judgement rests on is read: a later wish may speak of what the judge does not know yet.
    """
    rows = conn.execute(query("find_submission_seen"), {"submissions": list(submissions)})
    return {row.sha256: (row.revision, row.wish) for row in rows}


def close_rejudgement(conn: Connection, sha256: str, wish: int) -> None:
    """Note that a submission was judged by all that was known when this wish was made."""
    conn.execute(query("store_rejudgement"), {"submission": sha256, "wish": wish})
