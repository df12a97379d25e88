"""Continue the samples from May 2022 to October 2026, through both reforms; see README.md.

All of it is made up. Only the stocks at the end of April 2022, with which it begins, are those of `figures`. The same
seed gives the same figures.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import PurePosixPath
from random import Random
from statistics import median

from etl.forms import ColumnKind
from etl.model import Unit
from etl.periods import Period
from etl.reference import Reference
from samples.figures import DESK_FIELDS, MONTHS, TWO_SYSTEMS, WARD_FIELDS, Figures, Nature, make_row, split_row, sum_of

FIRST, LAST = (2022, 5), (2026, 10)
SEED = 20220514
LAST_OF_TWO_SYSTEMS = "2023-12"  # at its end the ward of two systems holds nothing; from then on it reports from one
FOUND = ("09592", "2024-03", "ho-tich", 3)  # dossiers that nobody had counted the month before: the chain breaks
UNSENT = ("09598", "2023-08")  # this report never came

_SEASON = (0.95, 0.85, 1.15, 1.05, 1.0, 1.1, 1.15, 1.15, 1.05, 0.95, 0.95, 1.0)  # little around Tết, much in summer
_GROWTH = 0.002  # of what comes in, a month
_ONLINE_GROWTH = 0.02
_LEAST = 0.15  # dossiers a month of a field that hardly ever has any
_STAYING = 0.03  # of dossiers whose nature is slow by 1: how many stay until the next month
_OVERDUE = 0.05  # of those that stay: how many become overdue
_STILL_OVERDUE = 0.3  # of those overdue: how many stay so for another month

Line = tuple[str, str]
"""A source system and a field."""


@dataclass(frozen=True, slots=True)
class _Stock:
    """What is held at the end of a month, and how much of it is overdue. *Units*: dossiers."""

    total: int = 0
    overdue: int = 0


@dataclass(slots=True)
class _Office:
    """A unit at work. `levels`: what comes in in a usual month, by line; `stocks`: what it holds."""

    levels: dict[Line, float] = field(default_factory=dict)
    stocks: dict[Line, _Stock] = field(default_factory=dict)

    def take(self, line: Line, level: float) -> None:
        self.levels[line] = self.levels.get(line, 0.0) + level

    def receive(self, line: Line, *, is_overdue: bool) -> None:
        held = self.stocks.get(line, _Stock())
        self.stocks[line] = _Stock(held.total + 1, held.overdue + is_overdue)


def build_years(reference: Reference, months: Figures) -> Figures:
    """Follow every unit from the end of the first four `months` on, the report that never came included."""
    rng, calendar = Random(SEED), reference.town.calendar
    offices = {unit: _open(unit, months) for unit in reference.expected_units(calendar.month(*MONTHS[-1]))}
    years: dict[tuple[str, str], Sequence[Mapping[str, object]]] = {}
    for period in calendar.months_of(calendar.months(FIRST, LAST)):
        offices = _succeed(offices, reference, period, rng)
        for unit, office in offices.items():
            years[unit.code, period.key] = _report(office, reference, unit, period, rng)
            if (unit.code, period.key) == (TWO_SYSTEMS, LAST_OF_TWO_SYSTEMS):
                _unite_systems(office)
    return years


def compose_tables(years: Figures, reference: Reference) -> dict[PurePosixPath, bytes]:
    """Write a plain table for each year, without the report that never came: path below this folder → content."""
    kinds = (ColumnKind.UNIT, ColumnKind.PERIOD, ColumnKind.FIELD, ColumnKind.SOURCE_SYSTEM)
    names = reference.form.measure_names
    tables: dict[str, list[list[object]]] = {}
    for (unit, period), rows in years.items():
        if (unit, period) != UNSENT:
            lines = ([unit, period, row["field"], row["source_system"], *(row[name] for name in names)] for row in rows)
            tables.setdefault(period[:4], [[*map(str, kinds), *names]]).extend(lines)
    return {PurePosixPath("years") / f"{year}.csv": _to_csv(table) for year, table in tables.items()}


def _to_csv(table: Sequence[Sequence[object]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(table)
    return stream.getvalue().encode()


def _open(unit: Unit, months: Figures) -> _Office:
    """Let a unit go on as it worked in the first four months, with what it held at their end."""
    reports = [months[unit.code, f"{year}-{month:02}"] for year, month in MONTHS]
    received: dict[Line, list[int]] = {}
    for row in (row for report in reports for row in report):
        received.setdefault(_line_of(row), []).append(sum_of([row], "received_in_period"))
    stocks = {
        _line_of(row): _Stock(sum_of([row], "pending_total"), sum_of([row], "pending_overdue")) for row in reports[-1]
    }
    return _Office({line: max(_LEAST, median(counts)) for line, counts in received.items()}, stocks)


def _line_of(row: Mapping[str, object]) -> Line:
    return str(row["source_system"]), str(row["field"])


def _unite_systems(office: _Office) -> None:
    """Have a ward report from one system from now on. It must hold nothing: no stock of a line may get lost."""
    assert not any(stock.total for stock in office.stocks.values())
    levels, office.levels, office.stocks = office.levels, {}, {}
    for (_, field_code), level in levels.items():
        office.take(("", field_code), level)


# ---------------------------------------------------------------------------------------------------------
# Reforms


def _succeed(offices: Mapping[Unit, _Office], reference: Reference, period: Period, rng: Random) -> dict[Unit, _Office]:
    """Hand over what units that have ended held and did; give the offices of the units that report for the period."""
    after = {unit: offices.get(unit, _Office()) for unit in reference.expected_units(period)}
    for unit, office in offices.items():
        if unit in after:
            continue
        heirs = _find_heirs(unit, reference, after)
        workers = [after[heir] for heir in heirs or after if heir]
        for line, level in office.levels.items():
            for worker in workers:
                worker.take(line, level / len(heirs or after))
        for line, stock in office.stocks.items() if heirs else ():
            _share_out(line, stock, [after[heir] if heir else None for heir in heirs], rng)
    return after


def _find_heirs(unit: Unit, reference: Reference, after: Mapping[Unit, _Office]) -> list[Unit | None]:
    """List who took a unit over. *Missing*: None for a unit outside the town; nothing where nobody did."""
    named = {(heir.code, heir.name): heir for heir in after}
    return [
        named.get((succession.to_code, succession.to_name))
        for succession in reference.successions
        if (succession.from_code, succession.from_name) == (unit.code, unit.name)
        and unit.valid_to
        and succession.on_date == unit.valid_to + timedelta(days=1)
    ]


def _share_out(line: Line, stock: _Stock, heirs: Sequence[_Office | None], rng: Random) -> None:
    """Give each dossier to one of the heirs, the overdue ones first; what goes to none has left the town."""
    for number in range(stock.total):
        if heir := rng.choice(heirs):
            heir.receive(line, is_overdue=number < stock.overdue)


# ---------------------------------------------------------------------------------------------------------
# A month of a unit


def _report(
    office: _Office, reference: Reference, unit: Unit, period: Period, rng: Random
) -> list[Mapping[str, object]]:
    """Let a month pass: give the rows that the unit reports, and keep in the office what it holds then."""
    places = {known.code: place for place, known in enumerate(reference.fields)}
    is_cleared = (unit.code, period.key) == (TWO_SYSTEMS, LAST_OF_TWO_SYSTEMS)
    rows: list[Mapping[str, object]] = []
    for line in sorted(office.levels, key=lambda line: (line[0], places[line[1]])):
        opening = office.stocks.get(line, _Stock())
        if (unit.code, period.key, line[1]) == FOUND[:3]:
            opening = replace(opening, total=opening.total + FOUND[3])
        nature = _nature_of(line[1], reference.is_ward(unit), period)
        received = int(office.levels[line] * _busyness(period) * rng.uniform(0.75, 1.25) + rng.random())
        row = _pass_month(line, opening, received, replace(nature, slow=0.0) if is_cleared else nature, rng)
        office.stocks[line] = _Stock(sum_of([row], "pending_total"), sum_of([row], "pending_overdue"))
        rows.append(row)
    return rows


def _pass_month(line: Line, opening: _Stock, received: int, nature: Nature, rng: Random) -> dict[str, object]:
    """Make a row: some dossiers stay, those overdue rather not, and some of those that stay become overdue."""
    at_hand = opening.total + received
    held = min(at_hand, _about(at_hand * min(0.4, nature.slow * _STAYING), rng))
    resolved = at_hand - held
    still = max(opening.overdue - resolved, min(held, opening.overdue, _about(opening.overdue * _STILL_OVERDUE, rng)))
    overdue = still + _about((held - still) * _OVERDUE, rng)
    row = make_row(line[1], line[0], received, opening.total, held)
    split_row(row, nature, opening.overdue - still, min(held, overdue), rng)
    return row


def _about(count: float, rng: Random) -> int:
    """Give a whole number around a count, 0 where that is 0."""
    return int(count * rng.uniform(0.6, 1.4) + rng.random()) if count else 0


def _nature_of(code: str, is_ward: bool, period: Period) -> Nature:
    """Give the nature of a field's dossiers: from year to year more of them come online."""
    natures = WARD_FIELDS | DESK_FIELDS if not is_ward else DESK_FIELDS | WARD_FIELDS
    share = natures[code].online * (1 + _ONLINE_GROWTH * _months_since_first(period))
    return replace(natures[code], online=min(0.9, share))


def _busyness(period: Period) -> float:
    return _SEASON[period.end.month - 1] * (1 + _GROWTH * _months_since_first(period))


def _months_since_first(period: Period) -> int:
    return 12 * (period.end.year - FIRST[0]) + period.end.month - FIRST[1]
