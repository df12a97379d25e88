"""The ranges of months that were published, and those that are due: what a changed month touches, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection

from etl.db import query
from etl.periods import Calendar, Period, parse_period
from etl.publishing.ranges import find_ranges_of
from etl.reference import Reference
from etl.warehouse.publications import find_each_last
from etl.warehouse.town_inputs import name_state, read_states


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of months, the shortest first. `due`: to be published now, the first time or again.

    A range is due where the state of a month is another than it was published from, or where the town wants it
    (`publishes` in town.yaml) and each of its months has been published; with it, what it is built from.
    """

    published: tuple[Period, ...]
    due: Mapping[Period, tuple[Period, ...]]


def find_ranges(conn: Connection, reference: Reference, month: Period | None = None) -> Ranges:
    """Find the ranges that a month is part of, or all."""
    calendar, last = reference.town.calendar, find_each_last(conn)
    known = {key: period for key in last if (period := parse_period(key, calendar))}
    months = [period for period in known.values() if period.is_month]
    wanted = {one for each in months for one in find_ranges_of(each, reference.town.publishes, calendar)}
    inside = _read_inside(conn, reference)
    touched = (one for one in {*known.values(), *wanted} if month is None or _holds(one, month))
    spans = {one: span for one in touched if len(span := _parts_of(one, calendar, inside)) > 1}
    states = read_states(conn, None if month is None else {part.key for span in spans.values() for part in span})
    is_due = {
        one: last[one.key]["fingerprint"] != name_state(span, states)
        if one.key in last
        else all(each.key in last for each in span)
        for one, span in spans.items()
    }
    ordered = sorted(spans, key=lambda one: (one.end - one.start, one.start))
    return Ranges(
        published=tuple(one for one in ordered if one.key in last),
        due={one: spans[one] for one in ordered if is_due[one]},
    )


def find_published_since(conn: Connection, reference: Reference, month: Period, moment: datetime) -> dict[str, int]:
    """Give the last number of each range with this month in it that was published since a moment, by its key."""
    last = find_each_last(conn)
    found = (last[one.key] for one in find_ranges(conn, reference, month).published if one != month)
    return {row["period_key"]: row["number"] for row in found if row["published_at"] >= moment}


def parts_of(conn: Connection, reference: Reference, period: Period) -> tuple[Period, ...]:
    """Say what a period is built from: its months; itself, where it was reported; or other periods that were.

    Where both it and its months were reported, it is built from what more units are in; the suite of the town's
    dataset says where the two differ.
    """
    return find_parts(conn, reference, [period])[period]


def find_parts(conn: Connection, reference: Reference, periods: Iterable[Period]) -> dict[Period, tuple[Period, ...]]:
    """Say of each of these periods what it is built from, as `parts_of` does."""
    inside = _read_inside(conn, reference)
    return {period: _parts_of(period, reference.town.calendar, inside) for period in periods}


def _parts_of(period: Period, calendar: Calendar, inside: Mapping[Period, frozenset[int]]) -> tuple[Period, ...]:
    """Choose the parts of a period. *Shape* of `inside`: the units that are in, of each period anybody reported."""
    months, own = calendar.months_of(period), inside.get(period, frozenset())
    by_month = [inside.get(month, frozenset()) for month in months]
    if not months or (own and min(map(len, by_month)) <= len(own) and not all(own <= units for units in by_month)):
        return (period,)
    if any(by_month) or own:
        return months
    return _tiles(period, inside) or ((period,) if period in inside else months)


def _tiles(period: Period, inside: Mapping[Period, frozenset[int]]) -> tuple[Period, ...]:
    """Lay reported periods of one kind, such as years, from end to end. *Missing*: empty, where they leave gaps."""
    within = sorted(one for one in inside if _holds(period, one) and one != period)
    for kind in dict.fromkeys(one.kind for one in within):
        row = [one for one in within if one.kind == kind]
        follows = all(late.day_before == early.end for early, late in pairwise(row))
        if follows and (row[0].start, row[-1].end) == (period.start, period.end):
            return tuple(row)
    return ()


def _read_inside(conn: Connection, reference: Reference) -> dict[Period, frozenset[int]]:
    """Read which units are in, of each period that any report speaks of, accepted or not."""
    rows = conn.execute(query("find_period_inside"))
    known = ((parse_period(row.period_key, reference.town.calendar), row.units) for row in rows)
    return {period: frozenset(units or ()) for period, units in known if period}


def _holds(period: Period, month: Period) -> bool:
    return period.start <= month.start and month.end <= period.end
