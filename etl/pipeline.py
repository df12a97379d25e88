"""The whole way, hop by hop: what the DAGs and the command line call, and all there is to know of the order.

    inbox ─receive→ Submission ─parse→ Report ─check→ CheckedReport ─load→ warehouse ─town→ TownDataset ─publish→ files

Every step may be killed at any moment and run again: what it did stays done, what it did not is done then.
All results are plain str, int, list and dict.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from upath import UPath

from etl import db
from etl.check import CheckContext, check
from etl.check_files import unreadable_finding
from etl.check_town import check_town, find_missing
from etl.errors import ConfigError, LoadError, SubmissionError
from etl.letters.alerts import compose_alert
from etl.letters.digests import compose_digest
from etl.letters.receipts import compose_receipt
from etl.letters.repeats import compose_repeat
from etl.load import (
    find_awaited,
    find_counting,
    find_periods_stale,
    find_submissions,
    find_unprocessed,
    load,
    record_submission,
)
from etl.mail import Letter, open_sender, send
from etl.model import CheckedReport, Counting, Report, Submission, verdict_of
from etl.outbox import queue_mail, send_queued
from etl.parse import parse
from etl.parsing.sender_hints import find_period_hints
from etl.periods import Period, parse_period
from etl.publish import publish
from etl.receive import Arrival, find_arrivals, forget, receive
from etl.reference import Reference, read_reference
from etl.settings import Settings
from etl.tables import compose_status
from etl.template import write_template
from etl.town import build_town
from etl.town_dataset import TownDataset
from etl.warehouse.migrations import migrate as migrate_schema
from etl.warehouse.replaced import find_replaced
from etl.warehouse.stocks import find_neighbours
from etl.warehouse.town_inputs import find_findings, find_reported_periods, find_unreadable, read_coverage

log = logging.getLogger(__name__)

BATCH = 200  # submissions a task takes at once: few, fat tasks
ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class _House:
    """What every step works with: the settings, the town's reference folder and the warehouse."""

    settings: Settings
    reference: Reference
    engine: Engine

    def period(self, key: str) -> Period:
        """Read a period's name. *Raises*: ConfigError where it is none."""
        period = parse_period(key, self.reference.town.calendar)
        if period is None:
            raise ConfigError(f"{key!r} is no period; write it like 2022-04, 2022-Q1 or 2022")
        return period


def _open(settings: Settings) -> _House:
    reference = read_reference(settings.reference)
    engine = db.open_engine(settings)
    with engine.begin() as conn:
        db.store_reference(conn, reference)
    return _House(settings, reference, engine)


# ---------------------------------------------------------------------------------------------------------
# The steps of the DAGs


def receive_inbox(settings: Settings) -> list[list[str]]:
    """Archive what lies in the inbox; give, in batches, the sha256 of all submissions that wait to be taken in.

    A file that cannot be read now (gone, locked, still growing) stays for the next round. *Raises*: ConfigError where
    the archive cannot be written: that file and those after it stay in the inbox.
    """
    house = _open(settings)
    for arrival in find_arrivals(settings.inbox, settle_seconds=settings.settle_seconds):
        _receive_one(house, arrival)
    with house.engine.begin() as conn:
        waiting = [submission.sha256 for submission in find_unprocessed(conn, ALL)]
    log.info("receive: %d submissions wait to be taken in", len(waiting))
    return [waiting[i : i + BATCH] for i in range(0, len(waiting), BATCH)]


def take_in(settings: Settings, submissions: list[str]) -> dict[str, int]:
    """Parse, check and load a batch of received submissions, and queue their receipts; count what became of them.

    A submission that breaks our own program does not hold up the others: they are loaded first, then it is raised.
    """
    house = _open(settings)
    with house.engine.begin() as conn:
        waiting = {submission.sha256: submission for submission in find_unprocessed(conn, ALL)}
    return _counted(_judge(house, [waiting[sha256] for sha256 in submissions if sha256 in waiting]))


def find_stale_periods(settings: Settings) -> list[str]:
    """List the periods whose reports are no longer what was last published of them, whoever changed them."""
    house = _open(settings)
    with house.engine.begin() as conn:
        return find_periods_stale(conn)


def close_period(settings: Settings, period: str) -> dict[str, Any]:
    """Check the archive of a period again under today's rules, and say who is missing.

    Only what now says something else is loaded and told again; the same rules give the same, and nothing happens.
    """
    house = _open(settings)
    closed = house.period(period)
    with house.engine.begin() as conn:
        _refuse_unreported_range(closed, find_reported_periods(conn, house.reference))
        db.store_reference(conn, house.reference, [closed])
        submissions = find_submissions(conn, [closed.key])
    judged = _judge(house, submissions)
    with house.engine.begin() as conn:
        coverage = read_coverage(conn, house.reference, [closed], datetime.now(UTC), is_now=True)
    missing = [finding.message_en for finding in find_missing(coverage, closed, house.reference)]
    rejected = coverage.loc[coverage["status"] == "rejected", "unit_name"].tolist()
    log.info("close %s: %d missing, %d rejected of %d", closed.key, len(missing), len(rejected), len(coverage))
    return {"period": closed.key, "missing_units": missing, "rejected_units": rejected, **_counted(judged)}


def _refuse_unreported_range(period: Period, reported: Sequence[Period]) -> None:
    """Let nobody close a quarter that is made of months. *Raises*: ConfigError."""
    if not period.is_month and period not in reported:
        raise ConfigError(f"{period.key} is no month and no report speaks of it: take its months; `town` adds them")


def publish_period(settings: Settings, period: str) -> dict[str, Any]:
    """Build, check and publish the town's dataset of a period, and queue the digest; unchanged content does nothing."""
    house = _open(settings)
    with house.engine.begin() as conn:
        dataset = build_town(conn, house.reference, [house.period(period)])
        check_town(dataset, house.reference)
        publication = publish(conn, dataset, house.reference, settings.published)
        submissions = dataset.coverage["submission"].dropna().tolist()
        findings = find_findings(conn, submissions, dataset.periods)
        queue_mail(conn, compose_digest(dataset, house.reference, publication, findings))
    return {"period": period, "number": publication.number, "is_new": publication.is_new}


def send_mails(settings: Settings) -> dict[str, int]:
    """Send what waits in the outbox. A mail server that is away, or none at all, leaves the mails waiting."""
    house = _open(settings)
    if not settings.smtp_url:
        log.warning("mail: WARD_REPORTS_SMTP_URL is not set; mails wait in the outbox")
        return {"sent": 0}
    with open_sender(settings.smtp_url, settings.mail_from) as send:
        return send_queued(house.engine, send)


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


# ---------------------------------------------------------------------------------------------------------
# The commands without a scheduler


def submit(settings: Settings, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Take files in as if they lay in the inbox; say what became of each. The files stay where they are."""
    house = _open(settings)
    taken: list[tuple[Path, Submission | None]] = []
    for file in files:
        arrival = _as_arrival(file)
        submission = receive(arrival, settings.archive) if arrival else None
        if submission:
            _record(house, submission)
        taken.append((file, submission))
    with house.engine.begin() as conn:
        waiting = {submission.sha256: submission for submission in find_unprocessed(conn, ALL)}
    wanted = {s.sha256: waiting[s.sha256] for _, s in taken if s and s.sha256 in waiting}
    judged = {j.submission.sha256: j for j in _judge(house, list(wanted.values()))}
    again = {s.sha256: _tell_again(house, s) for _, s in taken if s and s.sha256 not in judged}
    return [_told(file, submission, judged, again) for file, submission in taken]


def run(settings: Settings, period: str) -> Iterator[dict[str, Any]]:
    """Do for one period, now, what the schedule does: each step's result as it is done."""
    house = _open(settings)
    with house.engine.begin() as conn:  # before anything is done
        _refuse_unreported_range(house.period(period), find_reported_periods(conn, house.reference))
    batches = receive_inbox(settings)
    yield {"step": "receive", "batches": len(batches)}
    for batch in batches:
        yield {"step": "take_in", **take_in(settings, batch)}
    yield {"step": "close_period", **close_period(settings, period)}
    for stale in sorted({*find_stale_periods(settings), house.period(period).key}):
        yield {"step": "publish_period", **publish_period(settings, stale)}
    yield {"step": "send_mails", **send_mails(settings)}


def status(settings: Settings, period: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Say for each unit and period whether its report is in (without a period: all that any report speaks of).

    And which files could not be read and still wait for a good one.
    """
    house = _open(settings)
    with house.engine.begin() as conn:
        wanted = [house.period(period)] if period else find_reported_periods(conn, house.reference)
        now = datetime.now(UTC)
        coverages = [read_coverage(conn, house.reference, [one], now, is_now=True) for one in wanted]
        unreadable = find_unreadable(conn)
    rows = [row for coverage in coverages for row in compose_status(coverage)]
    return rows, [file for file in unreadable if _is_still_owed(file, rows, house.reference)]


def _is_still_owed(file: dict[str, Any], rows: Sequence[dict[str, Any]], reference: Reference) -> bool:
    """Tell whether an unreadable file is still to be replaced: its sender misses a report, or is nobody we know."""
    folders = set((file["sent_by"] or "").split("/"))
    senders = {unit.code for unit in reference.units if {unit.code, unit.name} & folders}
    hinted = {period.key for period in find_period_hints(file["name"], reference.town.calendar)}
    owed = [row for row in rows if row["status"] == "missing" and (not hinted or row["period_key"] in hinted)]
    return not senders or any(row["unit_code"] in senders for row in owed)


def town(settings: Settings, first: str, last: str, *, as_of: str | None = None) -> tuple[TownDataset, Reference]:
    """Build the town's dataset from the first to the last month, as known now or at a moment."""
    house = _open(settings)
    start, end = house.period(first), house.period(last)
    with house.engine.begin() as conn:
        reported = {one.key for one in find_reported_periods(conn, house.reference)}
        months = house.reference.town.calendar.months_of(Period(start.start, end.end, ""))
        by_month = start != end or reported.intersection(month.key for month in months)
        periods = list(months) if by_month or start.key not in reported else [start]
        if not periods:
            raise ConfigError(f"{first} to {last} is no run of months; give two periods such as 2022-01 2022-04")
        return build_town(conn, house.reference, periods, _moment(as_of, house.reference)), house.reference


def write_form(settings: Settings, unit: str, period: str, output: Path) -> str:
    """Write the official form for a unit and period, its opening stock filled in where the period before is known."""
    house = _open(settings)
    wanted = house.period(period)
    found = [u for u in house.reference.expected_units(wanted) if unit in (u.code, u.name, u.full_name)]
    if len(found) != 1:
        names = ", ".join(f"{u.code} {u.name}" for u in house.reference.expected_units(wanted))
        raise ConfigError(f"{unit!r} is no unit in {wanted.key}; there are: {names}")
    form = house.reference.form
    with house.engine.begin() as conn:
        stocks = find_neighbours(conn, [(found[0].code, wanted)], form)
    closing = form.roll_forwards[0].closing if form.roll_forwards else ""
    known = stocks.dropna().to_dict("records") if closing else []
    opening = {(str(stock["source_system"]), str(stock["field"])): int(stock[closing]) for stock in known}
    write_template(output, reference=house.reference, unit=found[0], period=wanted, opening_stocks=opening)
    return f"{output}: {found[0].full_name}, {wanted.key}"


def _moment(text: str | None, reference: Reference) -> datetime | None:
    """Read a moment; without a zone it is the town's. *Raises*: ConfigError where it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no moment; write it like 2022-05-01T12:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=reference.town.time_zone)


# ---------------------------------------------------------------------------------------------------------
# What the steps share


@dataclass(frozen=True, slots=True)
class _Judged:
    """What became of a submission: its checked reports, or why it could not be read; and whether that is news."""

    submission: Submission
    outcome: tuple[CheckedReport, ...] | SubmissionError
    is_new: bool


def _receive_one(house: _House, arrival: Arrival) -> None:
    """Archive, record, and only then clear the inbox: killed in between, the file is there and is received again.

    *Raises*: ConfigError where the archive cannot be written; a file of the inbox that cannot be read only waits.
    """
    try:
        submission = receive(arrival, house.settings.archive)
        if submission is None:
            return
        is_new = _record(house, submission)
        if not is_new and _is_undecided(house, submission):
            return  # stays for the next round: by then it is known which file counts
        if not is_new:
            _tell_again(house, submission)
        forget(arrival)
    except OSError as error:
        log.warning("receive: a file of the inbox stays there: %s", error.strerror or type(error).__name__)
        return
    log.info("receive: %s %s", submission.sha256[:12], "new" if is_new else "already received, the same bytes")


def _record(house: _House, submission: Submission) -> bool:
    with house.engine.begin() as conn:
        return record_submission(conn, submission)


def _is_undecided(house: _House, submission: Submission) -> bool:
    """Tell whether a later file of the same sender still waits to be read."""
    with house.engine.begin() as conn:
        return bool(find_awaited(conn, submission.sha256))


def _tell_again(house: _House, submission: Submission) -> list[Counting]:
    """Tell the ward, once, that another file counts by now than the one it sent again; give what counts."""
    with house.engine.begin() as conn:
        counting = find_counting(conn, submission.sha256)
        if instead := [one for one in counting if one.is_accepted and one.sha256 != submission.sha256]:
            queue_mail(conn, compose_repeat(submission, instead, house.reference))
    return counting


def _judge(house: _House, submissions: Sequence[Submission]) -> list[_Judged]:
    """Parse, check, load, and queue receipts: one transaction a submission, all of it or nothing.

    *Raises*: LoadError, after all others are loaded, where our own program failed on a submission.
    """
    contents, broken = [], []
    for submission in submissions:
        try:
            contents.append((submission, _read(house, submission)))
        except Exception as error:  # a fault of ours in one file must not hold up two hundred others
            log.exception("parse: submission %s broke the program", submission.sha256[:12])
            broken.append((submission, error))
    reports = [report for _, content in contents if not isinstance(content, SubmissionError) for report in content]
    checked = iter(check(reports, _context(house, reports)))
    judged = []
    for submission, content in contents:
        outcome = content if isinstance(content, SubmissionError) else tuple(next(checked) for _ in content)
        try:
            judged.append(_load(house, submission, outcome))
        except LoadError as error:
            log.exception("load: submission %s was refused by the warehouse", submission.sha256[:12])
            broken.append((submission, error))
    if broken:
        names = ", ".join(submission.sha256[:12] for submission, _ in broken)
        raise LoadError(f"{len(broken)} of {len(submissions)} submissions broke the program: {names}") from broken[0][1]
    return judged


def _read(house: _House, submission: Submission) -> tuple[Report, ...] | SubmissionError:
    if not submission.path.is_file():
        raise LoadError(f"the archive lacks {submission.sha256}: is it mounted? looked for {submission.path}")
    try:
        return parse(submission, house.reference, limits=house.settings.limits)
    except SubmissionError as error:
        return error


def _context(house: _House, reports: Sequence[Report]) -> CheckContext:
    with house.engine.begin() as conn:
        db.store_reference(conn, house.reference, [report.period for report in reports if report.period])
        keys = [(report.unit.code, report.period) for report in reports if report.unit and report.period]
        return CheckContext(house.reference, previous=find_neighbours(conn, keys, house.reference.form))


def _load(house: _House, submission: Submission, outcome: tuple[CheckedReport, ...] | SubmissionError) -> _Judged:
    with house.engine.begin() as conn:
        replaced = find_replaced(conn, submission, outcome, house.reference.form)
        loaded = load(conn, submission, outcome, reference=house.reference)
        if loaded.is_new:
            queue_mail(conn, compose_receipt(submission, outcome, house.reference, replaced))
    return _Judged(submission, outcome, loaded.is_new)


def _verdict(judged: _Judged) -> str:
    if isinstance(judged.outcome, SubmissionError):
        return "unreadable"
    return str(verdict_of(tuple(finding for report in judged.outcome for finding in report.findings)))


def _counted(judged: Sequence[_Judged]) -> dict[str, int]:
    counts = Counter(_verdict(one) for one in judged)
    return {"submissions": len(judged), "news": sum(one.is_new for one in judged), **dict(sorted(counts.items()))}


def _as_arrival(file: Path) -> Arrival | None:
    if not file.is_file():
        return None
    status = file.stat()
    return Arrival(UPath(file.absolute()), status.st_size, status.st_mtime, file.absolute().parent.name)


def _told(
    file: Path, submission: Submission | None, judged: dict[str, _Judged], again: dict[str, list[Counting]]
) -> dict[str, Any]:
    if submission is None:
        return {"file": str(file), "outcome": "unreadable", "findings": [], "note": "no such file"}
    told = {"file": str(file), "sha256": submission.sha256}
    one = judged.get(submission.sha256)
    if one is None:
        return told | {"outcome": "already received", "findings": []} | _noted(again[submission.sha256], submission)
    if isinstance(one.outcome, SubmissionError):
        return told | {"outcome": "unreadable", "findings": [unreadable_finding(one.outcome).as_dict()]}
    findings = [finding.as_dict() for report in one.outcome for finding in report.findings]
    return told | {"outcome": _verdict(one), "findings": findings}


def _noted(counting: Sequence[Counting], submission: Submission) -> dict[str, str]:
    """Say which files count for what a known file speaks of. *Missing*: nothing, where none does."""
    others = [one for one in counting if one.sha256 != submission.sha256]
    if not counting:
        return {}
    if not others:
        return {"note": "it is the file that counts", "note_vi": "đang được tính"}
    said = [(f"{one.unit_name} {one.period_key}", one.name, f"{one.received_at:%Y-%m-%d %H:%M} UTC") for one in others]
    return {
        "note": "; ".join(f"{about}: the file that counts is {name}, received {at}" for about, name, at in said),
        "note_vi": "; ".join(
            f"{about}: báo cáo đang được tính là tệp {name} nhận lúc {at}" for about, name, at in said
        ),
    }
