"""Which ranges of months a town publishes by itself, and when one is due: pure, by the calendar alone."""

from collections.abc import Collection, Iterator

from etl.periods import Calendar, Period

KINDS = ("quarter", "half_year", "year", "to_date")


def find_ranges_of(month: Period, kinds: Collection[str], calendar: Calendar) -> set[Period]:
    """List the ranges of these kinds that a month is part of. A range that is a month only is none."""
    number = calendar_month(month)
    ranges = {one for kind in kinds for one in _ranges(kind, number, calendar)}
    return {one for one in ranges if not one.is_month}


def calendar_month(month: Period) -> tuple[int, int]:
    """Give year and number of a month, by its name."""
    year, number = month.key.split("-")
    return int(year), int(number)


def _ranges(kind: str, number: tuple[int, int], calendar: Calendar) -> Iterator[Period]:
    year, month = number
    if kind == "quarter":
        yield calendar.quarter(year, (month + 2) // 3)
    elif kind == "half_year":
        yield calendar.half(year, (month + 5) // 6)
    elif kind == "year":
        yield calendar.year(year)
    else:  # to_date: from the first month of the year to each month from this one on
        yield from (calendar.months((year, 1), (year, last)) for last in range(month, 13))
