"""What every step works with: the settings, the town's reference folder and the warehouse."""

from dataclasses import dataclass

from sqlalchemy import Engine

from etl import db
from etl.errors import ConfigError
from etl.model import Unit
from etl.periods import Period, parse_period
from etl.reference import Reference, read_reference
from etl.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation that is open: its reference was read, its warehouse is there and knows it."""

    settings: Settings
    reference: Reference
    engine: Engine

    def period(self, key: str) -> Period:
        """Read a period's name. *Raises*: ConfigError where it is none."""
        period = parse_period(key, self.reference.town.calendar)
        if period is None:
            raise ConfigError(f"{key!r} is no period; write it like 2022-04, 2022-Q1 or 2022")
        return period

    def span(self, first: str, last: str) -> Period:
        """Read two names of periods as the days from one to the other. *Raises*: ConfigError where these are none."""
        start, end = self.period(first), self.period(last)
        if end.end < start.start:
            raise ConfigError(f"{first} to {last} is no range: it ends before it begins")
        return start if start == end else self.reference.town.calendar.days(start.start, end.end)

    def unit(self, name: str, period: Period) -> Unit:
        """Find the unit of this code or name among those of a period. *Raises*: ConfigError, naming them."""
        expected = self.reference.expected_units(period)
        found = [unit for unit in expected if name in (unit.code, unit.name, unit.full_name)]
        if len(found) != 1:
            names = ", ".join(f"{unit.code} {unit.name}" for unit in expected)
            raise ConfigError(f"{name!r} is no unit in {period.key}; there are: {names}")
        return found[0]


def open_installation(settings: Settings) -> Installation:
    """Open an installation. *Raises*: ConfigError, with all that is wrong in the reference folder."""
    reference = read_reference(settings.reference)
    engine = db.open_engine(settings)
    with engine.begin() as conn:
        db.store_reference(conn, reference)
    return Installation(settings, reference, engine)
