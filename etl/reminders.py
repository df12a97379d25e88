"""Who is reminded of which report, and when: chosen by the calendar and by what is in, nothing else.

A stage is a day counted from the day a report is due: -2 two days before it, 0 on it, 4 four days after it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etl.model import Unit
from etl.periods import Period
from etl.reference import Town

LATEST_DAYS = 7  # after the last stage: a system that was away longer than that does not dig up what is old


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that was sent and does not count. *Missing*: `errors` is None where it could not even be read."""

    name: str
    received_at: datetime
    errors: int | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A report that a unit owes, and the last file it sent that did not do, if any."""

    unit: Unit
    period: Period
    due_at: datetime
    failed: Failed | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a unit is told of a report it owes: at which stage, and at which moment."""

    owed: Owed
    stage: int
    at: datetime

    @property
    def is_past_due(self) -> bool:
        return self.at > self.owed.due_at

    @property
    def is_due_today(self) -> bool:
        return days_from_due(self.owed.due_at, self.at) == 0

    @property
    def days_late(self) -> int:
        return max(0, days_from_due(self.owed.due_at, self.at))


def find_months_due(town: Town, at: datetime) -> list[Period]:
    """List the months that a stage may be told of at a moment, the oldest first; history is never due."""
    if not town.reminder_days:
        return []
    today = at.astimezone(town.time_zone).date()
    first = today - timedelta(days=town.reminder_days[-1] + LATEST_DAYS + town.due_days)
    last = today - timedelta(days=town.reminder_days[0] + town.due_days)
    months = {town.calendar.month_on(day) for day in _days(first, last)}
    return sorted(month for month in months if first <= month.end <= last and town.due_at(month))


def find_reminder(owed: Owed, town: Town, *, at: datetime, told: int | None = None) -> Reminder | None:
    """Find what a unit is to be told now. `told`: the last stage it was told of.

    *Missing*: None where no stage has come, or that stage or a later one was already told.
    """
    stage = choose_stage(town, owed.due_at, at)
    if stage is None or (told is not None and told >= stage):
        return None
    return Reminder(owed, stage, at)


def choose_stage(town: Town, due_at: datetime, at: datetime) -> int | None:
    """Give the latest stage that has come: after missed mornings one stage is told, not several.

    *Missing*: None before the first stage, and long after the last.
    """
    passed = days_from_due(due_at, at)
    come = [day for day in town.reminder_days if day <= passed]
    if not come or passed > town.reminder_days[-1] + LATEST_DAYS:
        return None
    return come[-1]


def days_from_due(due_at: datetime, at: datetime) -> int:
    """Count the days from the day of the due moment, in its zone; before it they are negative."""
    return (at.astimezone(due_at.tzinfo).date() - due_at.date()).days


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=by) for by in range((last - first).days + 1)]
