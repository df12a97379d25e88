"""What the town's dataset is built from: rows of reports that count, coverage, and the name of their state."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from etl.completion import figures
from etl.db import query
from etl.model import Finding, Severity
from etl.periods import Period, parse_period
from etl.reference import Reference
from etl.town_dataset import Decision

ALL = "all"  # of a field or source system: the sum over all, or a report that does not divide
UNLISTED = "unlisted"  # fields whose printed names are in no list
MISSING = "missing"
CLOSED = "closed"
COVERAGE = ["unit_code", "unit_name", "unit_kind", "is_desk", "period_key", "expected"]


def read_rows(
    conn: Connection, reference: Reference, periods: Sequence[Period], as_of: datetime | None
) -> pd.DataFrame:
    """Read the rows that count. *Shape*: unit and month (positions), field, source_system, the measures (float64)."""
    keys, units = [period.key for period in periods], _places(reference)
    found = conn.execute(query("find_report_row"), _known(keys, as_of)).mappings().all()
    columns = ["unit_code", "unit_valid_from", "period_key", "field", "source_system", *reference.form.measure_names]
    frame = pd.DataFrame([[row[column] for column in columns] for row in found], columns=columns)
    measures = figures(reference.form, frame)
    places = pd.DataFrame({
        "unit": pd.array([units[row["unit_code"], row["unit_valid_from"]] for row in found], dtype="int64"),
        "month": pd.array([keys.index(row["period_key"]) for row in found], dtype="int64"),
        "field": pd.array([row["field"] or UNLISTED for row in found], dtype="str"),
        "source_system": pd.array([row["source_system"] for row in found], dtype="str"),
    })  # fmt: skip
    return places.assign(**measures)


def sum_reports(rows: pd.DataFrame, report: Sequence[str], reference: Reference) -> pd.DataFrame:
    """Add up the rows of each report: a row for all fields stands for the others, where there is one.

    *Shape*: `report` (the columns that name one), the measures. *Missing*: NaN where any row that counts does not say.
    """
    is_all = rows["field"].eq(ALL)
    is_undivided = is_all.groupby([rows[name] for name in report]).transform("any")
    kept = rows[is_all | ~is_undivided]
    return kept.groupby(list(report))[list(reference.form.measure_names)].sum(skipna=False).reset_index()


def read_coverage(
    conn: Connection, reference: Reference, periods: Sequence[Period], moment: datetime, *, is_now: bool
) -> pd.DataFrame:
    """Say for each expected unit, and any other that reported, whether its report is in.

    *Shape*: see `etl.town_dataset.TownDataset`, and unit and month as positions.
    """
    units = _places(reference)
    keys = [period.key for period in periods]
    known = {
        (units[row["unit_code"], row["unit_valid_from"]], keys.index(row["period_key"])): row
        for row in conn.execute(query("find_coverage"), _known(keys, None if is_now else moment)).mappings()
    }
    expected = {(units[u.code, u.valid_from], m) for m, p in enumerate(periods) for u in reference.expected_units(p)}
    closed = set(_closed(reference, periods))
    lines = [
        _coverage_line(reference, periods[key[1]], key, known.get(key), moment)
        | {"expected": key in expected, "is_closed": key in closed}
        for key in sorted(expected | closed | known.keys())
    ]
    owes = [line["expected"] or line["status"] != MISSING for line in lines]
    lines = [
        line if is_owed else line | {"status": CLOSED, "is_late": None}
        for line, is_owed in zip(lines, owes, strict=True)
    ]
    said = ["status", "received_at", "is_late", "submission", "findings", "waived", "corrected", "newer"]
    columns = ["unit", "month", *COVERAGE, *said, "is_closed"]
    frame = pd.DataFrame(lines, columns=columns)
    return frame.assign(received_at=pd.to_datetime(frame["received_at"], utc=True))


def _closed(reference: Reference, periods: Sequence[Period]) -> Iterator[tuple[int, int]]:
    """Give the units that ended before the last of all these days, with the month in which they did."""
    for place, unit in enumerate(reference.units):
        for month, period in enumerate(periods):
            if unit.valid_to and period.start <= unit.valid_to <= period.end and unit.valid_to < periods[-1].end:
                yield place, month


def read_decisions(
    conn: Connection, reference: Reference, periods: Sequence[Period], as_of: datetime | None
) -> tuple[Decision, ...]:
    """Read what was accepted or corrected in the reports that count."""
    names = {(unit.code, unit.valid_from): unit.full_name for unit in reference.units}
    listed = {None, ALL, *(field.code for field in reference.fields)}
    rows = conn.execute(query("find_decision_acting"), _known([period.key for period in periods], as_of)).mappings()
    return tuple(
        Decision(
            kind=row["kind"],
            unit_code=row["unit_code"],
            unit_name=names[row["unit_code"], row["unit_valid_from"]],
            period_key=row["period_key"],
            field=row["field"] if row["field"] in listed else UNLISTED,
            message_vi=row["message_vi"],
            message_en=row["message_en"],
        )
        for row in rows
    )


def read_fingerprint(conn: Connection, periods: Sequence[Period], as_of: datetime | None) -> str:
    """Name the state of the periods. *Missing*: empty for one period of which no report speaks."""
    return name_state(periods, read_states(conn, [period.key for period in periods], as_of))


def read_states(conn: Connection, keys: Collection[str] | None, as_of: datetime | None = None) -> dict[str, str]:
    """Read the name of the state of each of these periods, or of all of which any report speaks."""
    wanted = {"as_of": as_of or "infinity", "period_keys": None if keys is None else sorted(keys)}
    return {row.period_key: str(row.fingerprint) for row in conn.execute(query("find_period_state"), wanted)}


def name_state(periods: Sequence[Period], states: Mapping[str, str]) -> str:
    """Name the state of periods together: of one, as the warehouse does; of several, by all of theirs."""
    if len(periods) == 1:
        return states.get(periods[0].key, "")
    return hashlib.sha256("\n".join(f"{p.key} {states.get(p.key, '')}" for p in periods).encode()).hexdigest()


def is_restated(conn: Connection, period: Period, fingerprint: str, as_of: datetime | None) -> bool:
    """Tell whether the last publication of the period was built from another state."""
    known = {"as_of": as_of or "infinity", "period_key": period.key}
    last = conn.execute(query("find_publication_last"), known).first()
    return last is not None and last.fingerprint != fingerprint


def _coverage_line(
    reference: Reference, period: Period, key: tuple[int, int], known: Any, moment: datetime
) -> dict[str, Any]:
    unit, status = reference.units[key[0]], known["status"] if known else MISSING
    arrived_at: datetime = known["received_at"] if status.startswith("accepted") else moment
    due_at = reference.town.due_at(period)
    return {
        "unit": key[0],
        "month": key[1],
        "unit_code": unit.code,
        "unit_name": unit.full_name,
        "unit_kind": unit.kind,
        "is_desk": not reference.is_ward(unit),
        "period_key": period.key,
        "status": status,
        "received_at": known["received_at"] if known else None,
        "is_late": arrived_at > due_at if due_at else None,
        "submission": known["submission"] if known else None,
        "findings": known["findings"] if known else "",
        "waived": int(known["waived"]) if known else 0,
        "corrected": int(known["corrected"]) if known else 0,
        "newer": _newer(known, reference) if known else None,
    }


def _newer(known: Any, reference: Reference) -> dict[str, str] | None:
    """Name the file that was to change the report that counts, and was sent back or waits; its time is the town's."""
    if known["newer_name"] is None:
        return None
    moment: datetime = known["newer_received_at"].astimezone(reference.town.time_zone)
    return {"name": known["newer_name"], "received_at": moment.isoformat(timespec="seconds"), "why": known["newer_why"]}


def _places(reference: Reference) -> dict[tuple[str, Any], int]:
    return {(unit.code, unit.valid_from): place for place, unit in enumerate(reference.units)}


def _known(keys: Sequence[str], as_of: datetime | None) -> dict[str, Any]:
    return {"as_of": as_of or "infinity", "period_keys": list(keys)}


def find_reported_periods(conn: Connection, reference: Reference) -> list[Period]:
    """List the periods of which any report speaks, accepted or not, the oldest first."""
    keys = conn.execute(query("find_period_reported")).scalars()
    periods = (parse_period(key, reference.town.calendar) for key in keys)
    return [period for period in periods if period]


def find_findings(conn: Connection, submissions: Sequence[str], periods: Sequence[Period]) -> tuple[Finding, ...]:
    """Give what was found in these submissions about these periods, as their last readings have it."""
    asked = {"submissions": list(submissions), "period_keys": [period.key for period in periods]}
    rows = conn.execute(query("find_finding"), asked).mappings()
    return tuple(Finding(**dict(row) | {"severity": Severity(row["severity"])}) for row in rows)


def find_unreadable(conn: Connection) -> list[dict[str, Any]]:
    """List the files that could not be read. *Shape*: see the statement."""
    return [dict(row) for row in conn.execute(query("find_submission_unreadable")).mappings()]
