"""Remind those who owe a report: before it is due, on the day, after it; never those whose report is in."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import Connection

from etl.db import query
from etl.forms_out import attach_template
from etl.installation import Installation, open_installation
from etl.letters.reminders import compose_reminder, compose_unreachable, town_topic, unit_topic
from etl.mail import MailKind, Message
from etl.model import Severity, Submission, Unit
from etl.outbox import queue_mail
from etl.parsing.sender_hints import find_period_hints
from etl.periods import Period, fold
from etl.reminders import Failed, Owed, Reminder, find_months_due, find_reminder
from etl.senders import list_names
from etl.settings import Settings
from etl.warehouse.submissions import find_submissions, find_unprocessed
from etl.warehouse.town_inputs import find_findings, find_unreadable, read_coverage

log = logging.getLogger(__name__)


def remind(settings: Settings, now: datetime | None = None) -> dict[str, int]:
    """Queue the reminders of this morning, each stage once; count what is owed and who is told of it."""
    here = open_installation(settings)
    town = here.reference.town
    at = (now or datetime.now(UTC)).astimezone(town.time_zone)
    counts = Counter(periods=0, owed=0, reminded=0, without_address=0)
    with here.engine.begin() as conn:
        for period in find_months_due(town, at):
            owed = _find_owed(conn, here, period, at=at)
            addressed = [one for one in owed if town.ward_recipients.get(one.unit.code)]
            counts["periods"] += 1
            counts["owed"] += len(owed)
            counts["reminded"] += _remind_units(conn, here, addressed, at=at)
            counts["without_address"] += _tell_operator(conn, here, [o for o in owed if o not in addressed], at=at)
    log.info("remind: %(periods)d periods, %(owed)d reports owed, %(reminded)d reminders queued", counts)
    if counts["without_address"]:
        log.warning("remind: %d units have no address in town.yaml; the operator is told", counts["without_address"])
    return dict(counts)


def _remind_units(conn: Connection, here: Installation, owed: Sequence[Owed], *, at: datetime) -> int:
    """Queue a reminder for each unit that is to be told something new; count them."""
    told = _read_told(conn, [unit_topic(one) for one in owed])
    found = [find_reminder(one, here.reference.town, at=at, told=told.get(unit_topic(one))) for one in owed]
    return sum(queue_mail(conn, _compose(conn, here, reminder)) for reminder in found if reminder)


def _compose(conn: Connection, here: Installation, reminder: Reminder) -> Message:
    """Compose a reminder; one before the day carries the form to fill in."""
    owed = reminder.owed
    forms = [attach_template(conn, here.reference, owed.unit, owed.period)] if reminder.stage < 0 else []
    return compose_reminder(reminder, here.reference, mailbox=here.settings.mailbox, attachments=forms)


def _tell_operator(conn: Connection, here: Installation, owed: Sequence[Owed], *, at: datetime) -> int:
    """Queue one mail about all units of a period that have no address; count them if it says something new."""
    told = _read_told(conn, [town_topic(one) for one in owed])
    found = [find_reminder(one, here.reference.town, at=at, told=told.get(town_topic(one))) for one in owed]
    reminders = [reminder for reminder in found if reminder]
    if reminders and queue_mail(conn, compose_unreachable(reminders, here.reference)):
        return len(reminders)
    return 0


def _read_told(conn: Connection, topics: Sequence[str]) -> dict[str, int]:
    """Read the last stage told of each topic."""
    kind = f"{MailKind.REMINDER}:"
    rows = conn.execute(query("find_mail_told"), {"topics": [kind + topic for topic in topics]})
    return {row.topic.removeprefix(kind): int(row.state) for row in rows}


def _find_owed(conn: Connection, here: Installation, period: Period, *, at: datetime) -> list[Owed]:
    """Find the reports of a period that are owed, each with the last file that did not do."""
    due_at = here.reference.town.due_at(period)
    coverage = read_coverage(conn, here.reference, [period], at, is_now=True)
    owed = coverage[coverage["expected"] & ~coverage["status"].str.startswith("accepted")]
    if due_at is None or owed.empty:
        return []
    refused = _find_refused(conn, owed, period)
    unread = _find_folders(find_unprocessed(conn))  # sent, but not judged yet: whoever waits for us is not reminded
    units = [unit for place in owed["unit"] if not _lies_in(unread, unit := here.reference.units[place])]
    unreadable = _find_unreadable(conn, here, period, units)
    return [Owed(unit, period, due_at, _last(refused.get(unit.code), unreadable.get(unit))) for unit in units]


def _find_folders(submissions: Sequence[Submission]) -> set[str]:
    """Give the names of the folders of the inbox that these files lay in."""
    return {fold(name) for submission in submissions for name in list_names(submission.sent_by)}


def _lies_in(folders: set[str], unit: Unit) -> bool:
    """Tell whether one of the folders is the unit's: by its code or a name."""
    return not folders.isdisjoint({fold(unit.code), fold(unit.name), fold(unit.full_name)})


def _last(*failed: Failed | None) -> Failed | None:
    return max((one for one in failed if one), key=lambda one: one.received_at, default=None)


def _find_refused(conn: Connection, owed: pd.DataFrame, period: Period) -> dict[str, Failed]:
    """Say by unit which report was refused, and how many errors are to be corrected in it."""
    rejected = owed[owed["status"] == "rejected"]
    findings = find_findings(conn, rejected["submission"].tolist(), [period])
    errors = Counter(finding.unit for finding in findings if finding.severity is Severity.ERROR)
    names = {submission.sha256: submission.name for submission in find_submissions(conn, [period.key])}
    return {
        row["unit_code"]: Failed(names[row["submission"]], row["received_at"], errors[row["unit_code"]])
        for row in rejected.to_dict("records")
    }


def _find_unreadable(conn: Connection, here: Installation, period: Period, units: Sequence[Unit]) -> dict[Unit, Failed]:
    """Find the last unreadable file of each unit that may have been meant for the period.

    That is what its name says; where the name says nothing, the time of its arrival: after the end of the period.
    """
    found: dict[Unit, Failed] = {}
    calendar, zone = here.reference.town.calendar, here.reference.town.time_zone
    for file in find_unreadable(conn):  # the oldest first
        hinted = {one.key for one in find_period_hints(file["name"], calendar)}
        is_meant = period.key in hinted if hinted else file["received_at"].astimezone(zone).date() > period.end
        folders = {fold(name) for name in list_names(file["sent_by"])}
        senders = [unit for unit in units if is_meant and _lies_in(folders, unit)]
        found |= {unit: Failed(file["name"], file["received_at"], None) for unit in senders}
    return found
