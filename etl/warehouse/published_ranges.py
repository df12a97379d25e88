"""The ranges of months that were published, and those that are due: what a changed month touches, and nothing else."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from etl.db import query
from etl.periods import Period, parse_period
from etl.publishing.ranges import find_ranges_of
from etl.reference import Reference
from etl.warehouse.publications import find_each_last


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of months, the shortest first. `due`: to be published now, the first time or again.

    A range is due where the state of a month is another than it was published from, or where the town wants it
    (`publishes` in town.yaml) and each of its months has been published.
    """

    published: tuple[Period, ...]
    due: tuple[Period, ...]


def find_ranges(conn: Connection, reference: Reference, month: Period | None = None) -> Ranges:
    """Find the ranges that a month is part of, or all."""
    calendar, last = reference.town.calendar, find_each_last(conn)
    known = {key: period for key in last if (period := parse_period(key, calendar))}
    months = [period for period in known.values() if period.is_month]
    wanted = {one for each in months for one in find_ranges_of(each, reference.town.publishes, calendar)}
    spans = {one: calendar.months_of(one) for one in {*known.values(), *wanted} if month is None or _holds(one, month)}
    states = _read_states(conn, None if month is None else {m.key for ms in spans.values() for m in ms} | last.keys())
    spans = {one: span for one, span in spans.items() if len(span) > 1 and is_of_months(one, span, states)}
    is_due = {
        one: last[one.key]["fingerprint"] != _name_state(span, states)
        if one.key in last
        else all(each.key in last for each in span)
        for one, span in spans.items()
    }
    ordered = sorted(spans, key=lambda one: (one.end - one.start, one.start))
    return Ranges(
        published=tuple(one for one in ordered if one.key in last), due=tuple(one for one in ordered if is_due[one])
    )


def find_published_since(conn: Connection, reference: Reference, month: Period, moment: datetime) -> dict[str, int]:
    """Give the last number of each range with this month in it that was published since a moment, by its key."""
    last = find_each_last(conn)
    found = (last[one.key] for one in find_ranges(conn, reference, month).published if one != month)
    return {row["period_key"]: row["number"] for row in found if row["published_at"] >= moment}


def is_of_months(period: Period, months: Sequence[Period], reported: Collection[str]) -> bool:
    """Tell whether a period is built from its months: not where reports speak of it and of none of its months."""
    return bool(months) and (period.key not in reported or any(month.key in reported for month in months))


def _holds(period: Period, month: Period) -> bool:
    return period.start <= month.start and month.end <= period.end


def _read_states(conn: Connection, keys: Collection[str] | None) -> dict[str, str]:
    wanted = {"period_keys": None if keys is None else sorted(keys)}
    return {row.period_key: row.fingerprint for row in conn.execute(query("find_publication_state"), wanted)}


def _name_state(months: Sequence[Period], states: Mapping[str, str]) -> str:
    """Name the state of several months, as `etl.warehouse.town_inputs.read_fingerprint` does."""
    return hashlib.sha256("\n".join(f"{m.key} {states.get(m.key, '')}" for m in months).encode()).hexdigest()
