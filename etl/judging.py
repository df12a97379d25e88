"""What the steps share: a file received, parsed, checked, loaded and answered, in that order and in no other."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from etl import db
from etl.check import CheckContext, check
from etl.corrections import Correction, apply_corrections
from etl.errors import LoadError, SubmissionError
from etl.installation import Installation
from etl.letters.approvals import compose_waiting
from etl.letters.marked_workbook import compose_marked_workbook
from etl.letters.receipts import compose_receipt
from etl.letters.repeats import compose_repeat
from etl.load import Loaded, is_news, load
from etl.mail import Attachment
from etl.model import CheckedReport, Counting, Report, Submission, verdict_of
from etl.outbox import queue_mail
from etl.parse import parse_book
from etl.reading.grid import Book
from etl.reading.sheets import read_books
from etl.receive import Arrival, forget, receive
from etl.standing import Stand, Standing
from etl.warehouse.decisions import read_corrections, read_waivers
from etl.warehouse.former import find_former
from etl.warehouse.history import find_history
from etl.warehouse.readings import build_reading
from etl.warehouse.stocks import find_following, find_neighbours
from etl.warehouse.submissions import (
    Seen,
    close_rejudgement,
    find_awaited,
    find_counting,
    find_lapsed,
    find_rejudgements,
    find_seen,
    record_submission,
)
from etl.warehouse.waiting import read_waiting

log = logging.getLogger(__name__)

MOST_ROUNDS = 5  # of judging again in one run


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a submission: its checked reports, or why it could not be read; and whether that is news.

    `stands`: how its accepted reports stand beside others, by unit (code) and period (key), where it is news.
    """

    submission: Submission
    outcome: tuple[CheckedReport, ...] | SubmissionError
    is_new: bool
    stands: Mapping[tuple[str, str], Standing] = field(default_factory=dict)


def receive_one(here: Installation, arrival: Arrival) -> None:
    """Archive, record, and only then clear the inbox: killed in between, the file is there and is received again.

    *Raises*: ConfigError where the archive cannot be written; a file of the inbox that cannot be read only waits.
    """
    try:
        submission = receive(arrival, here.settings.archive)
        if submission is None:
            return
        is_new = record(here, submission)
        if not is_new and _is_undecided(here, submission):
            return  # stays for the next round: by then it is known which file counts
        if not is_new:
            tell_again(here, submission)
        forget(arrival)
    except OSError as error:
        log.warning("receive: a file of the inbox stays there: %s", error.strerror or type(error).__name__)
        return
    log.info("receive: %s %s", submission.sha256[:12], "new" if is_new else "already received, the same bytes")


def record(here: Installation, submission: Submission) -> bool:
    with here.engine.begin() as conn:
        return record_submission(conn, submission)


def _is_undecided(here: Installation, submission: Submission) -> bool:
    """Tell whether a later file of the same sender still waits to be read."""
    with here.engine.begin() as conn:
        return bool(find_awaited(conn, submission.sha256))


def tell_again(here: Installation, submission: Submission) -> list[Counting]:
    """Tell the ward, once, that another file counts by now than the one it sent again; give what counts."""
    with here.engine.begin() as conn:
        counting = find_counting(conn, submission.sha256)
        if instead := [one for one in counting if one.is_accepted and one.sha256 != submission.sha256]:
            queue_mail(conn, compose_repeat(submission, instead, here.reference))
    return counting


def judge(here: Installation, submissions: Sequence[Submission], *, is_alone: bool = False) -> list[Judged]:
    """Parse, check, load, and queue receipts: one transaction a submission, all of it or nothing.

    `is_alone`: hold each report against what the warehouse knows alone, which is what counts.
    *Raises*: LoadError, after all others are loaded, where our own program failed on a submission.
    """
    names = [submission.sha256 for submission in submissions]
    with here.engine.begin() as conn:
        seen = find_seen(conn, names)
        corrections = read_corrections(conn, names)
    contents, broken = [], []
    with closing(read_books((submission.path for submission in submissions), here.settings.limits)) as books:
        for submission, book in zip(submissions, books, strict=True):
            try:
                corrected = corrections.get(submission.sha256, ())
                contents.append((submission, _read(here, submission, book, corrections=corrected)))
            except Exception as error:  # a fault of ours in one file must not hold up two hundred others
                log.exception("parse: submission %s broke the program", submission.sha256[:12])
                broken.append((submission, error))
    reports = [report for _, content in contents if not isinstance(content, SubmissionError) for report in content]
    checked = iter(check(reports, build_context(here, reports, is_alone=is_alone)))
    judged = []
    for submission, content in contents:
        outcome = content if isinstance(content, SubmissionError) else tuple(next(checked) for _ in content)
        try:
            judged.append(_load(here, submission, outcome, seen=seen.get(submission.sha256)))
        except LoadError as error:
            log.exception("load: submission %s was refused by the warehouse", submission.sha256[:12])
            broken.append((submission, error))
    if broken:
        listed = ", ".join(submission.sha256[:12] for submission, _ in broken)
        told = f"{len(broken)} of {len(submissions)} submissions broke the program: {listed}"
        raise LoadError(told) from broken[0][1]
    return judged


def judge_again(here: Installation) -> list[Judged]:
    """Judge again what was asked to be: the reports after a restated period, and those whose waiver has ended.

    Each round asks the operator about what waits by then, whoever loaded it.
    *Raises*: LoadError, after all others, where our own program failed on one.
    """
    today = datetime.now(here.reference.town.time_zone).date()
    judged: list[Judged] = []
    for _ in range(MOST_ROUNDS):  # one round asks for another where its figures change or somebody decides meanwhile
        with here.engine.begin() as conn:
            ask_operator(conn, here)
            wanted = {s.sha256: s for s in (*find_rejudgements(conn), *find_lapsed(conn, today))}
        if not wanted:
            return judged
        oldest_first = sorted(wanted.values(), key=lambda s: (s.received_at, s.sha256))
        judged += judge(here, oldest_first, is_alone=True)
    log.warning("judge again: %d submissions are left for the next run", len(wanted))
    return judged


def _read(
    here: Installation, submission: Submission, book: Book | SubmissionError, *, corrections: Sequence[Correction]
) -> tuple[Report, ...] | SubmissionError:
    if not submission.path.is_file():
        raise LoadError(f"the archive lacks {submission.sha256}: is it mounted? looked for {submission.path}")
    if isinstance(book, SubmissionError):
        return book
    try:
        reports = parse_book(submission, book, here.reference)
    except SubmissionError as error:
        return error
    return tuple(apply_corrections(report, corrections, here.reference) for report in reports)


def build_context(here: Installation, reports: Sequence[Report], *, is_alone: bool) -> CheckContext:
    """Read what reports are judged by besides themselves."""
    with here.engine.begin() as conn:
        db.store_reference(conn, here.reference, [report.period for report in reports if report.period])
        keys = [(report.unit.code, report.period) for report in reports if report.unit and report.period]
        today = datetime.now(here.reference.town.time_zone).date()
        return CheckContext(
            here.reference,
            previous=find_neighbours(conn, keys, here.reference.form),
            following=find_following(conn, keys, here.reference.form),
            history=find_history(conn, keys, here.reference.form),
            waivers=read_waivers(conn, (period.key for _, period in keys), today),
            is_alone=is_alone,
        )


def _load(
    here: Installation,
    submission: Submission,
    outcome: tuple[CheckedReport, ...] | SubmissionError,
    *,
    seen: Seen | None,
) -> Judged:
    reading = build_reading(outcome, here.reference.form)
    with here.engine.begin() as conn:
        copy = _mark(here, submission, outcome) if is_news(conn, submission, reading) else None
    with here.engine.begin() as conn:
        former = find_former(conn, submission, reading, here.reference.form)
        loaded = load(conn, submission, reading, reference=here.reference, seen=seen)
        if loaded.is_new and not _is_history(loaded):
            stands = loaded.stands
            receipt = compose_receipt(submission, outcome, here.reference, former=former, stands=stands, copy=copy)
            queue_mail(conn, receipt)
        if seen is not None and seen[1]:
            close_rejudgement(conn, submission.sha256, seen[1])
    return Judged(submission, outcome, loaded.is_new, loaded.stands)


def _mark(
    here: Installation, submission: Submission, outcome: tuple[CheckedReport, ...] | SubmissionError
) -> Attachment | None:
    """Give the ward's own file with the cells in question coloured. *Missing*: None where no cell is in question."""
    if isinstance(outcome, SubmissionError) or not any(f.cell for checked in outcome for f in checked.findings):
        return None
    return compose_marked_workbook(submission, outcome, here.reference, here.settings.limits)


def ask_operator(conn: Connection, here: Installation) -> None:
    """Ask the operator, once, for a word on each report that waits for it."""
    for waiting in read_waiting(conn, here.reference):
        queue_mail(conn, compose_waiting(waiting, here.reference, here.settings.pages_url))


def _is_history(loaded: Loaded) -> bool:
    """Tell whether only files that no longer count were read anew: nobody need hear what is found in them now."""
    gone = {Stand.REPLACED, Stand.OLDER, Stand.SET_ASIDE}
    stands = {standing.stand for standing in loaded.stands.values()}
    return loaded.revision > 1 and bool(stands) and stands <= gone


def verdict_words(judged: Judged) -> str:
    if isinstance(judged.outcome, SubmissionError):
        return "unreadable"
    return str(verdict_of(tuple(finding for report in judged.outcome for finding in report.findings)))


def counted(judged: Sequence[Judged]) -> dict[str, int]:
    counts = Counter(verdict_words(one) for one in judged)
    return {"submissions": len(judged), "news": sum(one.is_new for one in judged), **dict(sorted(counts.items()))}
