"""The whole way, hop by hop: the steps that the DAGs call, and all there is to know of their order.

    inbox ─receive→ Submission ─parse→ Report ─check→ CheckedReport ─load→ warehouse ─town→ TownDataset ─publish→ files

Every step may be killed at any moment and run again: what it did stays done, what it did not is done then.
All results are plain str, int, list and dict.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from etl import db
from etl.check_town import find_missing
from etl.errors import ConfigError
from etl.installation import open_installation
from etl.judging import counted, judge, judge_again, receive_one
from etl.letters.alerts import compose_alert
from etl.letters.digests import compose_digest
from etl.load import find_periods_stale
from etl.mail import Letter, open_sender, send
from etl.mailbox_intake import receive_mailbox
from etl.outbox import queue_mail, send_queued
from etl.periods import Period
from etl.receive import find_arrivals, note_round
from etl.reference import read_reference
from etl.releasing import release, release_ranges
from etl.settings import Settings
from etl.warehouse.migrations import migrate as migrate_schema
from etl.warehouse.publications import find_untold
from etl.warehouse.published_ranges import find_parts, find_published_since, find_ranges
from etl.warehouse.submissions import find_submissions, find_unprocessed
from etl.warehouse.town_inputs import find_reported_periods, read_coverage

log = logging.getLogger(__name__)

BATCH = 200  # submissions a task takes at once: few, fat tasks


def receive_inbox(settings: Settings) -> list[list[str]]:
    """Archive what lies in the inbox and what was mailed; give, in batches, the sha256 of all that is to be taken in.

    A file that cannot be read now (gone, locked, still growing), and a mail server that is away, wait for the next
    round. *Raises*: ConfigError where the archive cannot be written: that file and those after it stay in the inbox.
    """
    here = open_installation(settings)
    for arrival in find_arrivals(settings.inbox, settle_seconds=settings.settle_seconds):
        receive_one(here, arrival)
    receive_mailbox(here)
    note_round(settings.archive)
    with here.engine.begin() as conn:
        waiting = [submission.sha256 for submission in find_unprocessed(conn)]
    log.info("receive: %d submissions wait to be taken in", len(waiting))
    return [waiting[i : i + BATCH] for i in range(0, len(waiting), BATCH)]


def take_in(settings: Settings, submissions: list[str]) -> dict[str, int]:
    """Parse, check and load a batch of received submissions, and queue their receipts; count what became of them.

    A submission that breaks our own program does not hold up the others: they are loaded first, then it is raised.
    """
    here = open_installation(settings)
    with here.engine.begin() as conn:
        waiting = {submission.sha256: submission for submission in find_unprocessed(conn)}
    return counted(judge(here, [waiting[sha256] for sha256 in submissions if sha256 in waiting]))


def judge_what_changed(settings: Settings) -> dict[str, int]:
    """Judge again what was asked to be: the reports after a restated period, and those whose waiver has ended."""
    return counted(judge_again(open_installation(settings)))


def find_stale_periods(settings: Settings) -> list[str]:
    """List the periods to be published: their reports, or those of a range they are in, are others than last time.

    And those whose last publication was never told, because whoever published it was stopped on the way.
    """
    here = open_installation(settings)
    with here.engine.begin() as conn:
        known = {here.period(key) for key in [*find_periods_stale(conn), *find_untold(conn)]}
        stale = {one for one, parts in find_parts(conn, here.reference, known).items() if parts == (one,)}
        due = find_ranges(conn, here.reference).due
    for parts in due.values():
        if not stale.intersection(parts):
            stale.add(parts[-1])
    return [one.key for one in sorted(stale)]


def close_period(settings: Settings, period: str) -> dict[str, Any]:
    """Check the archive of a period again under today's rules, and say who is missing.

    Only what now says something else is loaded and told again; the same rules give the same, and nothing happens.
    """
    here = open_installation(settings)
    closed = here.period(period)
    with here.engine.begin() as conn:
        refuse_unreported_range(closed, find_reported_periods(conn, here.reference))
        db.store_reference(conn, here.reference, [closed])
        submissions = find_submissions(conn, [closed.key])
    judged = judge(here, submissions, is_alone=True)
    with here.engine.begin() as conn:
        coverage = read_coverage(conn, here.reference, [closed], datetime.now(UTC), is_now=True)
    missing = [finding.message_en for finding in find_missing(coverage, closed, here.reference)]
    rejected = coverage.loc[coverage["status"] == "rejected", "unit_name"].tolist()
    log.info("close %s: %d missing, %d rejected of %d", closed.key, len(missing), len(rejected), len(coverage))
    return {"period": closed.key, "missing_units": missing, "rejected_units": rejected, **counted(judged)}


def refuse_unreported_range(period: Period, reported: Sequence[Period]) -> None:
    """Let nobody close a quarter that is made of months. *Raises*: ConfigError."""
    if not period.is_month and period not in reported:
        raise ConfigError(f"{period.key} is no month and no report speaks of it: take its months; `town` adds them")


def publish_period(settings: Settings, period: str) -> dict[str, Any]:
    """Build, check and publish the town's dataset of a period and of the ranges it is in, and queue the digest.

    Unchanged content does nothing, and what a rule holds back stays as it was, its ranges too. A range is built only
    where it is due (`find_ranges`). The digest comes last: while it is not queued the period counts as not told, and
    is taken up again.
    """
    here = open_installation(settings)
    wanted = here.period(period)
    publication = release(here, wanted)
    if publication is None:
        return {"period": period, "is_new": False, "is_held": True}
    ranges = {one.period_key: one.number for one in release_ranges(here, wanted) if one.is_new}
    with here.engine.begin() as conn:
        told = find_published_since(conn, here.reference, wanted, publication.published_at)
        queue_mail(conn, compose_digest(publication, told))
    own = f"no. {publication.number} {'new' if publication.is_new else 'unchanged'}"
    touched = ", ".join(f"{key} no. {number}" for key, number in ranges.items())
    log.info("publish %s: %s; ranges published: %s", wanted.key, own, touched or "none")
    return {"period": period, "number": publication.number, "is_new": publication.is_new, "ranges": ranges}


def send_mails(settings: Settings) -> dict[str, int]:
    """Send what waits in the outbox. A mail server that is away, or none at all, leaves the mails waiting."""
    here = open_installation(settings)
    if not settings.smtp_url:
        log.warning("mail: WARD_REPORTS_SMTP_URL is not set; mails wait in the outbox")
        return {"sent": 0}
    with open_sender(settings.smtp_url, settings.mail_from) as send:
        return send_queued(here.engine, send)


def migrate(settings: Settings) -> list[str]:
    """Bring the warehouse's schema up to date and store the reference; give the names of what was applied."""
    engine = db.connect(settings.database_url) if settings.database_url else db.open_engine(settings)
    applied = migrate_schema(engine)
    with engine.begin() as conn:
        db.store_reference(conn, read_reference(settings.reference))
    return applied


def alert_operator(settings: Settings, *, dag_id: str, task_id: str, run_id: str, error: str) -> None:
    """Tell the operator that a task failed for a reason of ours: through the outbox, or past it while it is away."""
    reference = read_reference(settings.reference)
    message = compose_alert(reference, dag_id=dag_id, task_id=task_id, run_id=run_id, error=error)
    try:
        with db.open_engine(settings).begin() as conn:
            queue_mail(conn, message)
    except (SQLAlchemyError, ConfigError):
        log.warning("alert: the outbox is away; the mail goes past it")
        now, to = datetime.now(UTC), message.recipients
        letter = Letter(message.state_key, to, message.subject, message.text, message.html, now)
        send(letter, settings.smtp_url, settings.mail_from)
        return
    send_mails(settings)
