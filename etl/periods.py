"""Reporting periods: what they are called, which days they cover, how people write them.

A name such as "2022-04" never implies its days: the calendar of the town says them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1990, 2100
_LONGEST_KNOWN = 600  # letters of a text that is remembered


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of days with its name; `start` and `end` are both inside.

    `key` is "2022-04", "2022-Q1", "2022-H1", "2022", "2022-01/2022-04" or "2022-03-15/2022-04-14".
    """

    start: date
    end: date
    key: str

    @property
    def is_month(self) -> bool:
        return re.fullmatch(r"\d{4}-\d{2}", self.key) is not None

    @property
    def kind(self) -> str:
        """Tell what sort of period it is by the shape of its name: months are compared with months."""
        return re.sub(r"\d", "0", self.key)

    @property
    def day_before(self) -> date:
        """The day on which the period before this one ends."""
        return self.start - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days a month of reporting covers.

    With `cutoff_day` 14, "2022-04" runs from 2022-03-15 to 2022-04-14; without one it is April.
    """

    cutoff_day: int | None = None

    def month(self, year: int, month: int) -> Period:
        return self._span(f"{year}-{month:02}", (year, month), (year, month))

    def quarter(self, year: int, quarter: int) -> Period:
        return self._span(f"{year}-Q{quarter}", (year, 3 * quarter - 2), (year, 3 * quarter))

    def half(self, year: int, half: int) -> Period:
        return self._span(f"{year}-H{half}", (year, 6 * half - 5), (year, 6 * half))

    def year(self, year: int) -> Period:
        return self._span(f"{year}", (year, 1), (year, 12))

    def months(self, first: tuple[int, int], last: tuple[int, int]) -> Period:
        """Name a run of months by the shortest name it has: a month, quarter, half-year or year."""
        (year, month), length = first, 12 * (last[0] - first[0]) + last[1] - first[1] + 1
        if length == 1:
            return self.month(year, month)
        if length == 3 and month % 3 == 1:
            return self.quarter(year, month // 3 + 1)
        if length == 6 and month % 6 == 1:
            return self.half(year, month // 6 + 1)
        if length == 12 and month == 1:
            return self.year(year)
        return self._span(f"{year}-{month:02}/{last[0]}-{last[1]:02}", first, last)

    def days(self, start: date, end: date) -> Period:
        """Name a span of days: by its months where it covers whole ones, else by its dates."""
        first, last = self._month_of(start), self._month_of(end)
        whole = self._span("", first, last)
        if (whole.start, whole.end) == (start, end):
            return self.months(first, last)
        return Period(start, end, f"{start}/{end}")

    def months_of(self, period: Period) -> tuple[Period, ...]:
        """List the months a period is made of; none where it does not cover whole months."""
        first, last = self._month_of(period.start), self._month_of(period.end)
        whole = self._span("", first, last)
        if (whole.start, whole.end) != (period.start, period.end):
            return ()
        count = 12 * (last[0] - first[0]) + last[1] - first[1] + 1
        return tuple(self.month(*_shift(*first, by)) for by in range(count))

    def month_on(self, day: date) -> Period:
        """Give the month of reporting that `day` falls in."""
        return self.month(*self._month_of(day))

    def _month_of(self, day: date) -> tuple[int, int]:
        late = self.cutoff_day is not None and day.day > self.cutoff_day
        return _shift(day.year, day.month, 1 if late else 0)

    def _span(self, key: str, first: tuple[int, int], last: tuple[int, int]) -> Period:
        if self.cutoff_day is None:
            return Period(date(*first, 1), date(*_shift(*last, 1), 1) - timedelta(days=1), key)
        before = _shift(*first, -1)
        return Period(date(*before, self.cutoff_day) + timedelta(days=1), date(*last, self.cutoff_day), key)


def parse_period(text: str, calendar: Calendar) -> Period | None:
    """Read a text that is nothing but a period, as a person or a program writes it.

    *Missing*: None where the text is no period, never a guess.
    """
    folded = fold(text).strip(" .:;()")
    for pattern, build in _WHOLE:
        if match := pattern.fullmatch(folded):
            return _build(build, match, calendar)
    found = list(find_periods(text, calendar))
    return found[0][1] if len(found) == 1 and len(found[0][0]) >= len(folded) - 4 else None


def find_periods(text: str, calendar: Calendar) -> Iterator[tuple[str, Period]]:
    """Find the periods named in a title, with the words that name them.

    The date of a signature ("ngày 16 tháng 4 năm 2022") is a day, not a period.
    """
    yield from _find_in_title(text, calendar) if len(text) <= _LONGEST_KNOWN else _read_title(text, calendar)


@lru_cache(maxsize=4096)  # most files of a month say the same above their tables
def _find_in_title(text: str, calendar: Calendar) -> tuple[tuple[str, Period], ...]:
    return tuple(_read_title(text, calendar))


def _read_title(text: str, calendar: Calendar) -> Iterator[tuple[str, Period]]:
    folded = fold(text)
    for pattern, build in _IN_TITLES:
        for match in pattern.finditer(folded):
            period = _build(build, match, calendar) if build else None
            if period is not None:
                yield match[0], period
        folded = pattern.sub(lambda match: " " * len(match[0]), folded)


def fold(text: str) -> str:
    """Reduce a text to lower-case letters without diacritics and single spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"\s+", " ", "".join(c for c in plain if not unicodedata.combining(c))).lower()


_Build = Callable[[Calendar, list[int]], Period]


def _build(build: _Build, match: re.Match[str], calendar: Calendar) -> Period | None:
    numbers = [_NUMERALS.get(group, group) for group in match.groups() if group is not None]
    try:
        period = build(calendar, [int(number) for number in numbers])
    except ValueError:  # the 31st of February, a 13th month
        return None
    sane = FIRST_YEAR <= period.start.year <= period.end.year <= LAST_YEAR and period.start <= period.end
    return period if sane else None


def _shift(year: int, month: int, by: int) -> tuple[int, int]:
    months = 12 * year + month - 1 + by
    return months // 12, months % 12 + 1


def _days(calendar: Calendar, n: list[int]) -> Period:
    return calendar.days(date(n[2], n[1], n[0]), date(n[5], n[4], n[3]))


def _days_of_one_year(calendar: Calendar, n: list[int]) -> Period:
    return calendar.days(date(n[4], n[1], n[0]), date(n[4], n[3], n[2]))


def _iso_days(calendar: Calendar, n: list[int]) -> Period:
    return calendar.days(date(n[0], n[1], n[2]), date(n[3], n[4], n[5]))


def _first_months(calendar: Calendar, n: list[int]) -> Period:
    return calendar.months((n[1], 1), (n[1], n[0]))


def _last_half(calendar: Calendar, n: list[int]) -> Period:
    return calendar.half(n[0], 2)


def _month_to_month(calendar: Calendar, n: list[int]) -> Period:
    return calendar.months((n[2], n[0]), (n[2], n[1]))


def _keyed_months(calendar: Calendar, n: list[int]) -> Period:
    return calendar.months((n[0], n[1]), (n[2], n[3]))


def _month_year(calendar: Calendar, n: list[int]) -> Period:
    return _month(calendar, n[1], n[0])


def _year_month(calendar: Calendar, n: list[int]) -> Period:
    return _month(calendar, n[0], n[1])


def _month(calendar: Calendar, year: int, month: int) -> Period:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return calendar.month(year, month)


def _quarter(calendar: Calendar, n: list[int]) -> Period:
    return calendar.quarter(n[1], n[0])


def _half(calendar: Calendar, n: list[int]) -> Period:
    return calendar.half(n[1], n[0])


def _year(calendar: Calendar, n: list[int]) -> Period:
    return calendar.year(n[0])


def _turned(build: _Build) -> _Build:
    return lambda calendar, n: build(calendar, n[::-1])


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS = ("first", "second", "third", "fourth")
_NUMERALS = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_NUMERALS |= {name: str(i) for names in (_MONTHS, _ORDINALS) for i, name in enumerate(names, start=1)}
_DAY = r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})"
_DAY_SHORT = r"(\d{1,2})\s?[/.-]\s?(\d{1,2})"
_DAY_WORDS = r"(\d{1,2}) thang (\d{1,2}) nam (\d{4})"
_TO = r"\s?(?:den het|den|[-–—]|to)\s?(?:het )?(?:ngay )?"
_Q = r"(iv|i{1,3}|[1-4])"
_MONTH_NAME = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_Y = r"(?:\s?[/.,-]\s?|,? nam |\s)(\d{4})"


def _compiled(*patterns: tuple[str, _Build | None]) -> list[tuple[re.Pattern[str], _Build | None]]:
    return [(re.compile(pattern), build) for pattern, build in patterns]


# In the order of how much they say: a span of days before a month before a year.
_IN_TITLES = _compiled(
    (rf"(?:tu )?(?:ngay )?{_DAY}{_TO}{_DAY}", _days),
    (rf"(?:tu )?(?:ngay )?{_DAY_WORDS}{_TO}{_DAY_WORDS}", _days),
    (rf"(?:tu )?(?:ngay )?{_DAY_SHORT}{_TO}{_DAY}", _days_of_one_year),
    (rf"ngay {_DAY_WORDS}|ngay {_DAY}|ngay \S* ?thang \S* ?nam \S*", None),
    (r"\b(\d{1,2}) thang dau(?: cua)?(?: nam)? ?(\d{4})", _first_months),
    (r"\b6 thang cuoi(?: cua)?(?: nam)? ?(\d{4})", _last_half),
    (rf"\b(?:tu )?thang (\d{{1,2}}) ?(?:den|-) ?(?:thang )?(\d{{1,2}}){_Y}", _month_to_month),
    (rf"\bthang (\d{{1,2}}){_Y}", _month_year),
    (rf"\b(?:quy|qui) {_Q}{_Y}", _quarter),
    (r"\bnam (\d{4})\b", _year),
)

_WHOLE: list[tuple[re.Pattern[str], _Build]] = [
    (pattern, build)
    for pattern, build in _compiled(
        (r"(\d{4})-(\d{1,2})", _year_month),
        (r"(\d{4})/(\d{1,2})", _year_month),
        (r"(\d{1,2})[/.-](\d{4})", _month_year),
        (r"t(\d{1,2})[/. -](\d{4})", _month_year),
        (r"(\d{4})[.](\d{1,2})", _year_month),
        (rf"{_MONTH_NAME},? (\d{{4}})", _month_year),
        (rf"(\d{{4}}) {_MONTH_NAME}", _year_month),
        (r"(\d{4})", _year),
        (r"(?:fy|fiscal year|year|nam tai chinh) ?(\d{4})", _year),
        (rf"({'|'.join(_ORDINALS)}) quarter(?: of)? (\d{{4}})", _quarter),
        (r"([1-4])\s?q\s?(\d{4})", _quarter),
        (r"(\d{1,2}) ?t(?:hang)? ?(?:dau nam )?[/ ]?(?:nam )?(\d{4})", _first_months),
        (r"(?:tu )?thang (\d{1,2}) ?(?:den|-) ?(?:thang )?(\d{1,2})[/ ](?:nam )?(\d{4})", _month_to_month),
        (rf"(?:q|quy |qui |quarter )\s?{_Q}\s?[/ .-]\s?(\d{{4}})", _quarter),
        (rf"(\d{{4}})\s?[-/ ]?\s?q{_Q}", _turned(_quarter)),
        (r"h([12])\s?[/ .-]\s?(\d{4})", _half),
        (r"(\d{4})\s?[-/ ]?\s?h([12])", _turned(_half)),
        (r"(?:the )?first (\d{1,2}) months (?:of )?(\d{4})", _first_months),
        (r"(\d{4})-(\d{2})/(\d{4})-(\d{2})", _keyed_months),
        (r"(\d{4})-(\d{2}) ?(?:\.\.|to|–) ?(\d{4})-(\d{2})", _keyed_months),
        (r"(\d{4})-(\d{2})-(\d{2}) ?(?:/|\.\.|to|–) ?(\d{4})-(\d{2})-(\d{2})", _iso_days),
    )
    if build
]
