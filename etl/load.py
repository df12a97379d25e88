"""The hop from checked reports to the warehouse: each reading of a submission is added, nothing is ever changed.

What counts is decided by what the reports say of themselves and by when they arrived, never by when they were loaded
(etl/standing.py), so the order of loading makes no difference. Every function works inside the caller's transaction.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from etl.db import period_rows, query, to_json
from etl.errors import LoadError
from etl.forms import Form
from etl.model import Finding, Submission
from etl.neighbours import read_openings
from etl.reference import Reference
from etl.standing import Standing
from etl.warehouse.readings import PlacedReport, Reading
from etl.warehouse.standings import Key, Restood, read_counting, restand
from etl.warehouse.stocks import find_neighbours
from etl.warehouse.submissions import Seen, ask_again, find_seen, record_submission

ROW_COLUMNS = ("sheet", "row_no", "source_system", "field", "field_name")
FINDING_COLUMNS = (
    "code", "rule", "severity", "unit", "period", "field", "measure", "sheet", "cell", "found", "expected",
    "message_vi", "message_en",
)  # fmt: skip
REFUSALS = (IntegrityError, DataError, psycopg.IntegrityError, psycopg.DataError)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a submission did. `stands`: how its own accepted reports stand, by unit (code) and period (key)."""

    is_new: bool
    revision: int = 0
    stands: Mapping[tuple[str, str], Standing] = field(default_factory=dict)


def load(
    conn: Connection,
    submission: Submission,
    reading: Reading,
    *,
    reference: Reference,
    seen: Seen | None = None,
) -> Loaded:
    """Add what a submission says, unless its last reading said the same. Give each submission its own transaction.

    An accepted report is added with its rows, a rejected one with its findings only; one whose unit or period is
    unknown, and a file that cannot be read, leave findings. Where other figures count by now than before, the
    reports of the next period are to be judged again; and so is this one, where it was not held against what counts
    of the period before. `seen`: what was known of the submission when its judgement began; where somebody has judged
    it or decided about it since, nothing is loaded. *Raises*: LoadError where the warehouse refuses it.
    """
    record_submission(conn, submission)
    lock_reports(conn, (), submission=submission.sha256)
    last = conn.execute(query("find_reading_last"), {"submission": submission.sha256}).first()
    if seen is not None and seen != find_seen(conn, [submission.sha256]).get(submission.sha256):
        ask_again(conn, submission.sha256, "meanwhile")
        return Loaded(is_new=False)
    keys = {p.key for p in reading.placed} | {_key_of(placed) for placed in (last.placed if last else ())}
    lock_reports(conn, keys, lineages=_lineages(reading, reference))
    if last and last.fingerprint == reading.fingerprint:
        _ask_where_unsettled(conn, submission, reading, reference)
        return Loaded(is_new=False)
    conn.execute(query("insert_period"), {"periods": period_rows((p.period for p in reading.placed), reference)})
    revision = last.revision + 1 if last else 1
    before = read_counting(conn, keys)
    try:
        read_at = _add_reading(conn, reading, reference.form, (submission.sha256, revision))
    except REFUSALS as error:
        name = f"submission {submission.sha256[:12]} ({submission.name})"
        raise LoadError(f"{name}: the warehouse refused what had been accepted: {error}") from error
    restood = restand(conn, keys, reference, at=read_at)
    ask_for_next(conn, restood, before)
    _ask_where_unsettled(conn, submission, reading, reference)
    own = ((one, one.stands.get(submission.sha256)) for one in restood)
    stands = {(one.key[0], one.key[2]): standing for one, standing in own if standing}
    return Loaded(is_new=True, revision=revision, stands=stands)


def _ask_where_unsettled(conn: Connection, submission: Submission, reading: Reading, reference: Reference) -> None:
    """Ask for a submission to be judged again where its opening stocks were held against other figures than count."""
    if not reference.form.roll_forwards:
        return
    held = [place for place in reading.placed if len(place.checked.report.frame)]
    keys = [(place.unit.code, place.period) for place in held]
    closing = reference.form.roll_forwards[0].closing
    known = find_neighbours(conn, keys, reference.form).rename(columns={closing: "previous", "field": "line"})
    openings = read_openings(known, "unit", "period")
    if any(place.checked.opening != openings.get((place.unit.code, place.period.key), ()) for place in held):
        ask_again(conn, submission.sha256, "previous")


def is_news(conn: Connection, submission: Submission, reading: Reading) -> bool:
    """Tell whether a submission says something else than when it was last read; only `load` knows it for good."""
    last = conn.execute(query("find_reading_last"), {"submission": submission.sha256}).first()
    return last is None or last.fingerprint != reading.fingerprint


def ask_for_next(conn: Connection, restood: Iterable[Restood], before: Mapping[Key, str | None]) -> None:
    """Ask for the next period's reports to be judged again, where other figures count by now than `before`."""
    for one in restood:
        if one.counting != before.get(one.key):
            conn.execute(query("insert_rejudgement"), {"unit_no": one.unit_no, "period_key": one.key[2]})


def lock_reports(
    conn: Connection, keys: Collection[Key], *, submission: str | None = None, lineages: Collection[str] = ()
) -> None:
    """Let one transaction at a time touch a submission, or the reports of a unit and period; in one order, always.

    `lineages`: codes of units whose chain of stocks is looked at or changed.
    """
    names = [] if submission is None else [submission]
    names += [" ".join(map(str, key)) for key in keys] + [f"chain {code}" for code in lineages]
    conn.execute(query("lock_load"), {"keys": sorted(map(_lock_key, names))})


def _lineages(reading: Reading, reference: Reference) -> set[str]:
    """Name the units whose stocks a reading continues or hands on: its own, and those they were made from."""
    units = {place.unit for place in reading.placed}
    made_from = (
        succession.from_code
        for succession in reference.successions
        for unit in units
        if (succession.to_code, succession.to_name, succession.on_date) == (unit.code, unit.name, unit.valid_from)
    )
    return {unit.code for unit in units} | set(made_from)


def _key_of(placed: Mapping[str, Any]) -> Key:
    first = placed["valid_from"]
    return placed["code"], date.fromisoformat(first) if first else None, placed["period_key"]


def find_periods_stale(conn: Connection) -> list[str]:
    """List the periods whose reports and coverage are no longer what was last published of them."""
    return list(conn.execute(query("find_period_stale")).scalars())


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _add_reading(conn: Connection, reading: Reading, form: Form, key: tuple[str, int]) -> datetime:
    """Add a reading with all it says; give the moment since when the warehouse knows it."""
    named = {"submission": key[0], "revision": key[1]}
    said = {"outcome": reading.outcome, "fingerprint": reading.fingerprint}
    read_at: datetime = conn.execute(query("insert_reading"), named | said).scalar_one()
    numbers = _insert_reports(conn, reading.placed, named)
    measures = form.measure_names
    rows = (_row_record(row, numbers[id(p.checked)], measures) for p in reading.placed for row in p.rows)
    _copy(conn, "report_row", ("report_no", *ROW_COLUMNS, *measures, "statements", "determined"), rows)
    found = ((finding, numbers.get(id(report))) for report, finding in reading.findings())
    findings = ((*key, i, *_finding_record(*each)) for i, each in enumerate(found, start=1))
    columns = (
        "submission",
        "revision",
        "ordinal",
        "report_no",
        *FINDING_COLUMNS,
        "waiver_no",
        "source_system",
        "suggestion",
    )
    _copy(conn, "finding", columns, findings)
    return read_at


def _insert_reports(conn: Connection, placed: Sequence[PlacedReport], reading: Mapping[str, Any]) -> dict[int, int]:
    """Insert the reports; give the number of each by its id().

    *Raises*: LoadError where a unit is not in the warehouse.
    """
    reports = [
        {
            "unit_code": p.unit.code,
            "unit_valid_from": p.unit.valid_from,
            "period_key": p.period.key,
            "edition": p.checked.report.edition,
            "verdict": p.checked.verdict,
            "content_sha256": p.content_sha256,
            "stated_revision": p.checked.report.own_date.revision,
            "signed_on": p.checked.report.own_date.signed_on,
            "saved_at": p.checked.report.own_date.saved_at,
        }
        for p in placed
    ]
    inserted = conn.execute(query("insert_report"), {**reading, "reports": to_json(reports)})
    numbers = {(row.unit_code, row.unit_valid_from, row.period_key): row.report_no for row in inserted}
    if unknown := [p.unit.code for p in placed if p.key not in numbers]:
        raise LoadError(f"the warehouse does not know the unit {unknown[0]}: call store_reference before load")
    return {id(p.checked): numbers[p.key] for p in placed}


def _row_record(row: Mapping[str, Any], report_no: int, measures: Sequence[str]) -> Iterator[Any]:
    yield report_no
    yield from (row[name] for name in (*ROW_COLUMNS, *measures))
    yield from (Jsonb(row[name]) for name in ("statements", "determined"))


def _finding_record(finding: Finding, report_no: int | None) -> Iterator[Any]:
    said = finding.as_dict()
    yield report_no
    yield from (said[name] for name in FINDING_COLUMNS)
    yield finding.waiver_no
    yield finding.source_system
    yield Jsonb(said["suggestion"]) if said["suggestion"] else None


def _copy(conn: Connection, table: str, columns: Sequence[str], records: Iterable[Iterable[Any]]) -> None:
    """Append records by COPY, the fastest way in."""
    driver: Any = conn.connection.driver_connection
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for record in records:
            copy.write_row(tuple(record))
