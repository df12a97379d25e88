"""The commands without a scheduler: what the command line calls beside the steps of the DAGs."""

import logging
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from upath import UPath

from etl.check_files import unreadable_finding
from etl.disk import put_file
from etl.errors import ConfigError, LoadError, SubmissionError
from etl.forms_out import attach_template, compose_template
from etl.installation import Installation, open_installation
from etl.judging import Judged, judge, judge_again, record, tell_again, verdict_words
from etl.letters.forms import compose_form_letter
from etl.mail import Attachment
from etl.model import Counting, Submission, Unit
from etl.outbox import queue_mail
from etl.parsing.sender_hints import find_period_hints
from etl.periods import Period
from etl.pipeline import (
    close_period,
    find_stale_periods,
    judge_what_changed,
    publish_period,
    receive_inbox,
    refuse_unreported_range,
    send_mails,
    take_in,
)
from etl.receive import Arrival, receive
from etl.reference import Reference
from etl.senders import list_names
from etl.settings import Settings
from etl.standing import Stand
from etl.status_table import compose_status
from etl.warehouse.submissions import find_unprocessed
from etl.warehouse.town_inputs import find_reported_periods, find_unreadable, read_coverage

log = logging.getLogger(__name__)

NOTES = {
    Stand.OLDER: ("không được tính, cũ hơn báo cáo đang tính", "does not count, older than the report that does"),
    Stand.WAITS: ("chờ người vận hành quyết định", "waits for the operator"),
    Stand.REPLACED: ("đã bị báo cáo mới hơn thay thế", "replaced by a newer report"),
}


def submit(settings: Settings, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Take files in as if they lay in the inbox; say what became of each. The files stay where they are."""
    here = open_installation(settings)
    taken: list[tuple[Path, Submission | None]] = []
    for file in files:
        arrival = _as_arrival(file)
        submission = receive(arrival, settings.archive) if arrival else None
        if submission:
            record(here, submission)
        taken.append((file, submission))
    with here.engine.begin() as conn:
        waiting = {submission.sha256: submission for submission in find_unprocessed(conn)}
    wanted = {s.sha256: waiting[s.sha256] for _, s in taken if s and s.sha256 in waiting}
    judged = {j.submission.sha256: j for j in judge(here, list(wanted.values()))}
    try:
        judge_again(here)
    except LoadError as error:  # these files are in; what else broke stays asked for, and `run` says so
        log.warning("judge again: %s", error)
    again = {s.sha256: tell_again(here, s) for _, s in taken if s and s.sha256 not in judged}
    return [_told(file, submission, judged, again) for file, submission in taken]


def run(settings: Settings, period: str) -> Iterator[dict[str, Any]]:
    """Do for one period, now, what the schedule does: each step's result as it is done."""
    here = open_installation(settings)
    with here.engine.begin() as conn:  # before anything is done
        refuse_unreported_range(here.period(period), find_reported_periods(conn, here.reference))
    batches = receive_inbox(settings)
    yield {"step": "receive", "batches": len(batches)}
    for batch in batches:
        yield {"step": "take_in", **take_in(settings, batch)}
    yield {"step": "close_period", **close_period(settings, period)}
    yield {"step": "judge_what_changed", **judge_what_changed(settings)}
    for stale in sorted({*find_stale_periods(settings), here.period(period).key}):
        yield {"step": "publish_period", **publish_period(settings, stale)}
    yield {"step": "send_mails", **send_mails(settings)}


def status(settings: Settings, period: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Say for each unit and period whether its report is in (without a period: all that any report speaks of).

    And which files could not be read and still wait for a good one.
    """
    here = open_installation(settings)
    with here.engine.begin() as conn:
        reported = find_reported_periods(conn, here.reference)
        wanted = _months_of(here, here.period(period), reported) if period else reported
        now = datetime.now(UTC)
        coverages = [read_coverage(conn, here.reference, [one], now, is_now=True) for one in wanted]
        unreadable = find_unreadable(conn)
    rows = [row for coverage in coverages for row in compose_status(coverage)]
    return rows, [file for file in unreadable if _is_still_owed(file, rows, here.reference)]


def _months_of(here: Installation, period: Period, reported: Sequence[Period]) -> list[Period]:
    """Give a month, or a period that reports speak of, as it is; of any other its months."""
    if period.is_month or period in reported:
        return [period]
    return list(here.reference.town.calendar.months_of(period)) or [period]


def _is_still_owed(file: dict[str, Any], rows: Sequence[dict[str, Any]], reference: Reference) -> bool:
    """Tell whether an unreadable file is still to be replaced: its sender misses a report, or is nobody we know."""
    named = set(list_names(file["sent_by"]))
    senders = {unit.code for unit in reference.units if {unit.code, unit.name} & named}
    hinted = {period.key for period in find_period_hints(file["name"], reference.town.calendar)}
    owed = [row for row in rows if row["status"] == "missing" and (not hinted or row["period_key"] in hinted)]
    return not senders or any(row["unit_code"] in senders for row in owed)


def write_form(settings: Settings, unit: str, period: str, output: Path) -> str:
    """Write the official form for a unit and period, its opening stock filled in where the period before is known."""
    here = open_installation(settings)
    wanted = here.period(period)
    found = here.unit(unit, wanted)
    with here.engine.begin() as conn:
        content = compose_template(conn, here.reference, found, wanted)
    put_file(output, content)
    return f"{output}: {found.full_name}, {wanted.key}"


def write_forms(settings: Settings, period: str, folder: Path, *, is_forced: bool = False) -> Iterator[str]:
    """Write the forms of all units that owe a report for the period; say of each file what became of it.

    *Raises*: ConfigError, before anything is written, where other files of these names are there already.
    """
    forms = [form for _, form in _forms_of(open_installation(settings), period)]
    places = {folder / form.name: form.content for form in forms}
    taken = [path for path, content in places.items() if path.exists() and path.read_bytes() != content]
    if taken and not is_forced:
        raise ConfigError(*(f"{path} is there already and differs; --force writes over it" for path in taken))
    folder.mkdir(parents=True, exist_ok=True)
    for number, (path, content) in enumerate(places.items(), 1):
        word = "written" if put_file(path, content) else "unchanged"
        yield f"{number}/{len(places)} {path}: {word}"


def mail_forms(settings: Settings, period: str, unit: str | None = None) -> Iterator[str]:
    """Queue to each unit (or one) a mail with its form; the same form is not mailed twice."""
    here = open_installation(settings)
    forms = _forms_of(here, period, unit)
    for number, (found, form) in enumerate(forms, 1):
        letter = compose_form_letter(found, here.period(period), form, here.reference, mailbox=settings.mailbox)
        with here.engine.begin() as conn:
            is_queued = queue_mail(conn, letter)
        told = "to be mailed to " + (", ".join(letter.recipients) or "nobody: see recipients in town.yaml")
        yield f"{number}/{len(forms)} {form.name}: {told if is_queued else 'mailed already'}"


def _forms_of(here: Installation, period: str, unit: str | None = None) -> list[tuple[Unit, Attachment]]:
    """Build the forms of a period: of one unit, or of all that owe a report."""
    wanted = here.period(period)
    units = [here.unit(unit, wanted)] if unit else here.reference.expected_units(wanted)
    with here.engine.begin() as conn:
        return [(one, attach_template(conn, here.reference, one, wanted)) for one in units]


def _as_arrival(file: Path) -> Arrival | None:
    try:
        status = file.stat()
    except (OSError, ValueError):  # also a name that no file can have
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Arrival(UPath(file.absolute()), status.st_size, status.st_mtime, file.absolute().parent.name)


def _told(
    file: Path, submission: Submission | None, judged: dict[str, Judged], again: dict[str, list[Counting]]
) -> dict[str, Any]:
    if submission is None:
        notes = {"note": "no such file, or a folder", "note_vi": "không có tệp này, hoặc đó là thư mục"}
        return {"file": str(file), "outcome": "unreadable", "findings": [], **notes}
    told = {"file": str(file), "sha256": submission.sha256}
    one = judged.get(submission.sha256)
    if one is None:
        return told | {"outcome": "already received", "findings": []} | _noted(again[submission.sha256], submission)
    if isinstance(one.outcome, SubmissionError):
        return told | {"outcome": "unreadable", "findings": [unreadable_finding(one.outcome).as_dict()]}
    findings = [finding.as_dict() for report in one.outcome for finding in report.findings]
    return told | {"outcome": verdict_words(one), "findings": findings} | _stood(one)


def _stood(judged: Judged) -> dict[str, str]:
    """Say which of a file's accepted reports do not count, and why. *Missing*: nothing, where all of them do."""
    aside = [
        (f"{unit} {period}", standing) for (unit, period), standing in judged.stands.items() if standing.stand in NOTES
    ]
    return {
        name: "; ".join(f"{about}: {NOTES[standing.stand][at]}" for about, standing in aside)
        for at, name in enumerate(("note_vi", "note"))
        if aside
    }


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
