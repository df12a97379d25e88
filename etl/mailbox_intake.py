"""The hop from the mailbox to the archive: wards mail their files, and each becomes a submission like any other.

For each message, in this order: its bytes into the archive, its report files into the archive, then in one transaction
the submissions, what is to be told, and the message's row in the ledger; only after that it is marked on the server.
Killed anywhere in between, the next round takes it again, and finds what it did by the same bytes.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from etl.installation import Installation
from etl.judging import tell_again
from etl.letters.mailbox_away import compose_mailbox_away
from etl.letters.no_report import compose_no_report
from etl.letters.quarantine import compose_quarantine
from etl.mail import Message
from etl.mailbox.connection import (
    Mailbox,
    MailboxAwayError,
    MessageRefusedError,
    Waiting,
    open_mailbox,
    parse_mailbox_url,
)
from etl.mailbox.sorting import Outcome, SortedMail, sort_large_mail, sort_mail
from etl.model import Submission
from etl.outbox import queue_mail
from etl.receive import keep
from etl.warehouse.mail_ledger import (
    KeptMail,
    Place,
    count_today,
    find_arrivals_of,
    find_done_uids,
    find_releasable,
    find_unknown_uids,
    is_mail_known,
    note_state,
    record_mail,
    record_place,
)
from etl.warehouse.submissions import find_awaited, record_submission

log = logging.getLogger(__name__)

MOST_A_ROUND = 500  # messages; a mailbox of years is taken in over several rounds
LARGEST_MAIL = 2  # times the largest submission: its file grows by a third on the way, and there may be two
MOST_ANSWERS = 3  # letters a day to one address about mails without a report: an answering machine must not be fed
AWAY = timedelta(hours=3)
MOST_ALERTS = 50  # letters a day to the operator about mails in quarantine


def receive_mailbox(here: Installation) -> dict[str, int]:
    """Take what was mailed since the last round; count the mails by what became of them.

    Mails in quarantine whose senders are registered by now come first, from the archive. A mail server that is away
    is no error: what was not taken waits there. *Raises*: ConfigError where the archive cannot be written, or the URL
    is none.
    """
    counts = Counter(str(outcome) for outcome in _release(here))
    if here.settings.imap_url:
        url = parse_mailbox_url(here.settings.imap_url)
        trouble = ""
        try:
            with open_mailbox(url) as mailbox:
                counts.update(str(outcome) for outcome in _take_new(here, mailbox))
                _mark_done(here, mailbox)
        except MailboxAwayError as away:
            trouble = str(away)
            log.warning("mailbox: %s; what was not taken waits there for the next round", trouble)
        _note_state(here, url.name, trouble)
    log.info("mailbox: %s", ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing")
    return dict(counts)


def _note_state(here: Installation, mailbox: str, trouble: str) -> None:
    """Tell the operator, once a day, of a mailbox that could not be read for longer than a server may be away."""
    now = datetime.now(UTC)
    with here.engine.begin() as conn:
        since = note_state(conn, mailbox, is_away=bool(trouble))
        if since and now - since >= AWAY:
            queue_mail(conn, compose_mailbox_away(mailbox, trouble, here.reference, since=since, now=now))


def _release(here: Installation) -> Iterator[Outcome]:
    """Take from the archive what was in quarantine for its sender alone, who is registered by now."""
    registered = {one.strip().lower() for known in here.reference.town.ward_recipients.values() for one in known}
    with here.engine.begin() as conn:
        held = find_releasable(conn, sorted(registered))
    for kept in held:
        try:
            mail = sort_mail(kept.archived_as.read_bytes(), here.reference)
        except OSError as error:
            log.warning("mailbox: a mail in quarantine cannot be read from the archive: %s", error.strerror)
            continue
        if _settle(here, kept, mail):
            yield mail.outcome


def _take_new(here: Installation, mailbox: Mailbox) -> Iterator[Outcome]:
    """Take the messages that the ledger does not know, the oldest first."""
    place = Place(mailbox.name, mailbox.uid_validity)
    lying = mailbox.find_uids()
    with here.engine.begin() as conn:
        unknown = find_unknown_uids(conn, place, lying)
    if len(unknown) > MOST_A_ROUND:
        log.info("mailbox: %d messages wait for the next rounds", len(unknown) - MOST_A_ROUND)
    for waiting in mailbox.describe(unknown[:MOST_A_ROUND]):
        try:
            outcome = _take(here, mailbox, waiting)
        except MessageRefusedError as refused:
            log.warning("mailbox: the server does not hand out message %d now: %s", waiting.uid, refused)
            continue
        if outcome:
            yield outcome


def _take(here: Installation, mailbox: Mailbox, waiting: Waiting) -> Outcome | None:
    """Take one message: into the archive first. *Missing*: None where it was known, or waits for the next round."""
    largest = LARGEST_MAIL * here.settings.limits.max_bytes
    is_large = waiting.size_bytes > largest
    raw = mailbox.read_head(waiting.uid) if is_large else mailbox.read(waiting.uid)
    sha256, path = keep(raw, here.settings.archive)
    place = Place(mailbox.name, mailbox.uid_validity)
    with here.engine.begin() as conn:
        if is_mail_known(conn, sha256):
            record_place(conn, place, waiting.uid, sha256)
            return None
    now = datetime.now(UTC)
    kept = KeptMail(sha256, path, min(waiting.received_at or now, now), max(waiting.size_bytes, len(raw)))
    mail = (sort_large_mail if is_large else sort_mail)(raw, here.reference)
    return mail.outcome if _settle(here, kept, mail, (place, waiting.uid)) else None


def _settle(here: Installation, kept: KeptMail, mail: SortedMail, lying: tuple[Place, int] | None = None) -> bool:
    """Do with a mail what was decided; tell whether it is done, or waits for the next round.

    It waits while one of its files was received before and a later one of the same sender is not read yet: only
    then it is known which of them counts.
    """
    submissions = list(_submissions(here, kept, mail)) if mail.outcome is Outcome.TAKEN else []
    with here.engine.begin() as conn:
        arrived = find_arrivals_of(conn, [submission.sha256 for submission in submissions])
        again = [one for one in submissions if arrived.get(one.sha256, one.received_at) != one.received_at]
        if any(find_awaited(conn, one.sha256) for one in again):
            return False
    for submission in again:
        tell_again(here, submission)
    received = {one.sha256: "received before" if one in again else "received" for one in submissions}
    with here.engine.begin() as conn:
        for submission in submissions:
            record_submission(conn, submission)
        if letter := _compose_letter(conn, here, kept, mail):
            queue_mail(conn, letter)
        record_mail(conn, kept, mail, received)
        if lying:
            record_place(conn, *lying, kept.sha256)
    return True


def _submissions(here: Installation, kept: KeptMail, mail: SortedMail) -> Iterator[Submission]:
    """Put the report files of a mail into the archive, each once."""
    for report in {report.sha256: report for report in mail.files.reports}.values():
        sha256, path = keep(report.content, here.settings.archive)
        yield Submission(
            sha256=sha256,
            name=report.name,
            size_bytes=len(report.content),
            received_at=kept.received_at,
            path=path,
            sent_by=mail.sent_by,
            modified_at=mail.head.changed_at(kept.received_at),
        )


def _compose_letter(conn: Connection, here: Installation, kept: KeptMail, mail: SortedMail) -> Message | None:
    """Compose what is to be told about a mail beside the receipts. *Missing*: None where nobody need hear of it.

    A stranger's mail without a report file is none of our business; an answer to a letter of ours wants no answer.
    """
    if mail.outcome is Outcome.QUARANTINED or (mail.outcome is Outcome.TOO_LARGE and mail.doubt):
        if count_today(conn, Outcome.QUARANTINED) >= MOST_ALERTS:
            log.warning("mailbox: many mails are in quarantine today; see the table mail_message")
            return None
        return compose_quarantine(mail, kept.sha256, kept.received_at, here.reference)
    if mail.outcome not in (Outcome.NOTHING_ATTACHED, Outcome.TOO_LARGE) or mail.doubt:
        return None
    unanswered = (Outcome.NOTHING_ATTACHED, Outcome.TOO_LARGE)
    is_fed = count_today(conn, *unanswered, sender_address=mail.head.sender.address) >= MOST_ANSWERS
    if is_fed or mail.head.answers_letter_from(here.settings.mail_from):
        return None
    return compose_no_report(mail, kept.sha256, kept.received_at, here.reference)


def _mark_done(here: Installation, mailbox: Mailbox) -> None:
    """Mark on the server what the archive and the ledger have; also what an earlier round could not mark any more."""
    unmarked = mailbox.find_unmarked()
    with here.engine.begin() as conn:
        done = find_done_uids(conn, Place(mailbox.name, mailbox.uid_validity), unmarked)
    mailbox.mark_taken(done)
