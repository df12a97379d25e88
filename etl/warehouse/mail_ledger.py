"""The ledger of mails: which came, where they lay, what became of them. It is the truth, not the server's marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from etl.db import query, to_json
from etl.mailbox.sorting import Outcome, SortedMail


@dataclass(frozen=True, slots=True)
class Place:
    """Where mails lie: a mailbox, as long as its UIDs mean what they meant."""

    mailbox: str
    uid_validity: int


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that the archive has: of one that is too large, its header. `revision`: of the row to be written."""

    sha256: str
    archived_as: Path
    received_at: datetime
    size_bytes: int
    revision: int = 1


def find_unknown_uids(conn: Connection, place: Place, uids: Sequence[int]) -> list[int]:
    """List the messages that were never looked at, the oldest first."""
    return list(conn.execute(query("find_mail_place_unknown"), _named(place) | {"uids": list(uids)}).scalars())


def find_done_uids(conn: Connection, place: Place, uids: Sequence[int]) -> list[int]:
    """List the messages with which nothing is left to do: all but those in quarantine."""
    return list(conn.execute(query("find_mail_place_done"), _named(place) | {"uids": list(uids)}).scalars())


def record_place(conn: Connection, place: Place, uid: int, sha256: str) -> None:
    """Record that a message was found at a place, once."""
    conn.execute(query("insert_mail_place"), _named(place) | {"uid": uid, "sha256": sha256})


def is_mail_known(conn: Connection, sha256: str) -> bool:
    """Tell whether a mail with these bytes was looked at, here or elsewhere."""
    return conn.execute(query("find_mail_message_last"), {"sha256": sha256}).first() is not None


def find_releasable(conn: Connection, addresses: Sequence[str]) -> list[KeptMail]:
    """List the mails in quarantine whose unknown senders are registered by now, with the revision to write next."""
    rows = conn.execute(query("find_mail_message_releasable"), {"addresses": list(addresses)})
    return [KeptMail(r.sha256, Path(r.archived_as), r.received_at, r.size_bytes, r.revision + 1) for r in rows]


def record_mail(conn: Connection, kept: KeptMail, mail: SortedMail, received: Mapping[str, str]) -> bool:
    """Record what became of a mail; tell whether that is news. `received`: sha256 of a report file → what it was."""
    values = {name: getattr(kept, name) for name in ("sha256", "revision", "received_at", "size_bytes")}
    said = {
        "message_id": mail.head.message_id,
        "sender_address": mail.head.sender.address,
        "unit_code": mail.unit_code,
        "archived_as": str(kept.archived_as),
        "outcome": str(mail.outcome),
        "doubt": str(mail.doubt or ""),
        "attachments": to_json(_attachments(mail, received)),
    }
    return conn.execute(query("insert_mail_message"), values | said).first() is not None


def count_today(conn: Connection, *outcomes: Outcome, sender_address: str | None = None) -> int:
    """Count the mails of the last day with these outcomes, of one sender or of all."""
    named = {"outcomes": [str(outcome) for outcome in outcomes], "sender_address": sender_address}
    return int(conn.execute(query("count_mail_message_today"), named).scalar_one())


def find_arrivals_of(conn: Connection, submissions: Sequence[str]) -> dict[str, datetime]:
    """Say of files by their sha256 when they arrived first; of unknown ones nothing."""
    rows = conn.execute(query("find_submission_arrival"), {"submissions": list(submissions)})
    return {row.sha256: row.received_at for row in rows}


def note_state(conn: Connection, mailbox: str, *, is_away: bool) -> datetime | None:
    """Note whether a mailbox could be read; tell since when it cannot. *Missing*: None where it can."""
    conn.execute(query("insert_mailbox_state"), {"mailbox": mailbox, "is_away": is_away})
    since = conn.execute(query("find_mailbox_away"), {"mailbox": mailbox}).scalar()
    return since if isinstance(since, datetime) else None


def _named(place: Place) -> dict[str, object]:
    return {"mailbox": place.mailbox, "uid_validity": place.uid_validity}


def _attachments(mail: SortedMail, received: Mapping[str, str]) -> list[dict[str, str]]:
    """Write each file down: those received first, then those that are no report or were left alone."""
    taken = [
        {"name": report.name, "became": received[report.sha256], "sha256": report.sha256}
        if report.sha256 in received
        else {"name": report.name, "became": "not taken"}
        for report in mail.files.reports
    ]
    return [*taken, *({"name": name, "became": "not taken"} for name in mail.files.others)]
