"""The reference folder of a town, read and checked: units, successions, fields, the form, the town's decisions."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from etl.errors import ConfigError
from etl.forms import Form
from etl.model import Severity, Unit
from etl.periods import Calendar, Period
from etl.publishing.ranges import KINDS
from etl.read_form import parse_form
from etl.same import Same
from etl.successions import Succession, SuccessionGroup, find_groups


@dataclass(frozen=True, slots=True)
class Field:
    """A field of procedures (lĩnh vực). Grouping differs from ward to ward, so it has aliases."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """A system a ward reports from under a section heading of its own. "" stands for a sheet that names none."""

    code: str
    label_vi: str
    label_en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Town:
    """What a town decides for itself; see the comments in town.yaml."""

    name_vi: str
    name_en: str
    language: str
    time_zone: ZoneInfo
    calendar: Calendar
    due_days: int
    due_time: time
    closing_days: int | None
    reminder_days: tuple[int, ...]
    in_use_since: date | None
    desk_kinds: frozenset[str]
    largest_count: int
    severities: Mapping[str, Severity]
    town_recipients: tuple[str, ...]
    operator_recipients: tuple[str, ...]
    ward_recipients: Mapping[str, tuple[str, ...]]
    publishes: tuple[str, ...] = ()  # kinds of ranges: `etl.publishing.ranges.KINDS`

    def due_at(self, period: Period) -> datetime | None:
        """Give the moment a report for the period is due, in the town's time zone.

        *Missing*: None for periods before the town took the system into use; nobody can be late for history.
        """
        day = period.end + timedelta(days=self.due_days)
        if self.in_use_since and day < self.in_use_since:
            return None
        return datetime.combine(day, self.due_time, self.time_zone)

    def closes_at(self, period: Period) -> datetime | None:
        """Give the moment after which a changed report of the period needs the operator's approval.

        *Missing*: None where the town never closes a period, and for history.
        """
        due_at = self.due_at(period)
        return None if due_at is None or self.closing_days is None else due_at + timedelta(days=self.closing_days)


@dataclass(frozen=True, slots=True)
class Reference:
    """All that is known before any report arrives. Read from one folder; another town is another folder."""

    folder: Path
    town: Town
    form: Form
    units: tuple[Unit, ...]
    successions: tuple[Succession, ...]
    fields: tuple[Field, ...]
    source_systems: tuple[SourceSystem, ...]

    def units_on(self, day: date) -> tuple[Unit, ...]:
        """List the units that exist on a day: those whose reports are expected for a period ending then."""
        return _units_on(Same(self.units), day)

    def expected_units(self, period: Period) -> tuple[Unit, ...]:
        """List the units that owe a report for the period: those valid on its last day."""
        return self.units_on(period.end)

    @property
    def succession_groups(self) -> tuple[SuccessionGroup, ...]:
        """Gather the successions into groups of units that can only be compared together."""
        return find_groups(self.successions, self.units)

    def is_ward(self, unit: Unit) -> bool:
        return unit.kind not in self.town.desk_kinds

    def field(self, code: str) -> Field | None:
        return next((field for field in self.fields if field.code == code), None)


@lru_cache(maxsize=64)
def _units_on(units: Same[tuple[Unit, ...]], day: date) -> tuple[Unit, ...]:
    return tuple(unit for unit in units.value if unit.is_valid_on(day))


def read_reference(folder: Path) -> Reference:
    """Read a town's reference folder, and refuse it as a whole where anything in it is wrong.

    *Raises*: ConfigError, listing every problem found at once.
    """
    problems: list[str] = []
    settings = _read_yaml(folder / "town.yaml", problems)
    form_path = folder / "forms" / f"{settings.get('form', 'ii06')}.yaml"
    declared = _read_yaml(form_path, problems)
    units = tuple(_units(folder / "units.csv", problems))
    successions = tuple(_successions(folder / "successions.csv", problems))
    fields = tuple(_fields(folder / "fields.csv", problems))
    if problems:
        raise ConfigError(*problems)
    form = parse_form(declared, where=str(form_path))
    town = _town(settings, folder / "town.yaml")
    problems += _contradictions(units, fields, folder)
    if problems:
        raise ConfigError(*problems)
    return Reference(folder, town, form, units, successions, fields, tuple(_source_systems(settings)))


def _read_yaml(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problems.append(f"{path}: cannot be read: {error}")
        return {}
    if not isinstance(content, dict):
        problems.append(f"{path}: expected a mapping at the top, found {type(content).__name__}")
        return {}
    return content


def _read_csv(path: Path, columns: tuple[str, ...], problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if missing := [column for column in columns if column not in (reader.fieldnames or ())]:
                problems.append(f"{path}: missing the columns {', '.join(missing)}")
                return
            for number, row in enumerate(reader, start=2):
                yield number, {key: (value or "").strip() for key, value in row.items() if key}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: cannot be read: {error}")


def _day(text: str, where: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(f"{where}: {text!r} is no date; write it like 2025-07-01")
        return None


def _units(path: Path, problems: list[str]) -> Iterator[Unit]:
    for number, row in _read_csv(path, ("code", "name", "kind", "valid_from", "valid_to"), problems):
        where = f"{path}, row {number}"
        if not row["code"] or not row["name"]:
            problems.append(f"{where}: a unit needs a code and a name")
            continue
        first, last = (_day(row[column], where, problems) for column in ("valid_from", "valid_to"))
        yield Unit(row["code"], row["name"], row["kind"], first, last)


def _successions(path: Path, problems: list[str]) -> Iterator[Succession]:
    if not path.exists():
        return
    for number, row in _read_csv(path, ("on_date", "from_code", "from_name", "to_code", "to_name", "part"), problems):
        where = f"{path}, row {number}"
        day = _day(row["on_date"], where, problems)
        if row["part"] not in ("whole", "part"):
            problems.append(f"{where}: part must be whole or part, found {row['part']!r}")
        elif day:
            names = (row["from_code"], row["from_name"], row["to_code"], row["to_name"])
            yield Succession(day, *names, is_whole=row["part"] == "whole")


def _fields(path: Path, problems: list[str]) -> Iterator[Field]:
    for number, row in _read_csv(path, ("code", "name", "aliases"), problems):
        if not row["code"] or not row["name"]:
            problems.append(f"{path}, row {number}: a field needs a code and a name")
            continue
        yield Field(row["code"], row["name"], tuple(a.strip() for a in row["aliases"].split("|") if a.strip()))


def _contradictions(units: tuple[Unit, ...], fields: tuple[Field, ...], folder: Path) -> Iterator[str]:
    for code, count in Counter(field.code for field in fields).items():
        if count > 1:
            yield f"{folder / 'fields.csv'}: the code {code!r} stands there {count} times"
    for i, unit in enumerate(units):
        if unit.valid_from and unit.valid_to and unit.valid_from > unit.valid_to:
            yield f"{folder / 'units.csv'}: {unit.code} {unit.name} ends before it begins"
        for other in units[i + 1 :]:
            if other.code == unit.code and _overlap(unit, other):
                yield f"{folder / 'units.csv'}: {unit.code} is {unit.name} and {other.name} at the same time"


def _overlap(one: Unit, other: Unit) -> bool:
    starts = max(one.valid_from or date.min, other.valid_from or date.min)
    return starts <= min(one.valid_to or date.max, other.valid_to or date.max)


def _source_systems(settings: Mapping[str, Any]) -> Iterator[SourceSystem]:
    for entry in settings.get("source_systems") or ():
        vi = entry.get("vi", entry["code"])
        yield SourceSystem(entry["code"], vi, entry.get("en", vi), tuple(entry.get("aliases", ())))


def _town(settings: Mapping[str, Any], path: Path) -> Town:
    """Turn town.yaml into a Town. *Raises*: ConfigError, naming the first key that does not fit."""
    try:
        name, due = settings["name"], settings.get("due") or {}
        recipients = settings.get("recipients") or {}
        language = settings.get("language", "vi")
        if language not in ("vi", "en"):
            raise ValueError(f"language must be vi or en, found {language!r}")
        cutoff = (settings.get("calendar") or {}).get("cutoff_day")
        if cutoff is not None and not 1 <= int(cutoff) <= 28:
            raise ValueError(f"calendar.cutoff_day must be 1 to 28 or empty, found {cutoff!r}")
        closing = (settings.get("closing") or {}).get("days_after_due")
        reminders = (settings.get("reminders") or {}).get("days_from_due") or ()
        return Town(
            name_vi=name["vi"],
            name_en=name.get("en", name["vi"]),
            language=language,
            time_zone=ZoneInfo(settings.get("time_zone", "Asia/Ho_Chi_Minh")),
            calendar=Calendar(int(cutoff) if cutoff is not None else None),
            due_days=int(due.get("days_after_end", 3)),
            due_time=time.fromisoformat(str(due.get("time", "17:00"))),
            closing_days=int(closing) if closing is not None else None,
            reminder_days=tuple(sorted({int(day) for day in reminders})),
            in_use_since=settings.get("in_use_since"),
            desk_kinds=frozenset(settings.get("town_desk_kinds") or ()),
            largest_count=int(settings.get("largest_count", 1_000_000)),
            severities={str(k): Severity(v) for k, v in (settings.get("severities") or {}).items()},
            town_recipients=tuple(recipients.get("town") or ()),
            operator_recipients=tuple(recipients.get("operator") or ()),
            ward_recipients={str(code): tuple(to) for code, to in (recipients.get("wards") or {}).items()},
            publishes=_publishes(settings.get("publishes") or ()),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as error:
        raise ConfigError(f"{path}: {error.__class__.__name__}: {error}") from error


def _publishes(kinds: Sequence[str]) -> tuple[str, ...]:
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise ValueError(f"publishes must be of {', '.join(KINDS)}; found {', '.join(map(str, unknown))}")
    return tuple(kinds)
