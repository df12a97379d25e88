"""The period a sheet speaks of, read from the lines above its table."""

import re
from collections.abc import Sequence

from etl.model import Finding
from etl.parsing.remarks import NO_WORDS, remark, show
from etl.parsing.title_lines import PERIOD_LABEL, Title
from etl.periods import Calendar, Period, find_periods, parse_period
from etl.reading.grid import Sheet, cell_name

_LIKE_A_PERIOD = re.compile(r"(?:thang|quy|qui|nam|ky|tu ngay|\d+ thang)\b.*\d")
_Named = tuple[Title, Period]


def read_period(sheet: Sheet, titles: Sequence[Title], calendar: Calendar) -> tuple[Period | None, str, list[Finding]]:
    """Read the period, its text as written where it is not understood, and what is wrong about it."""
    named = [(title, period) for title in titles for _, period in find_periods(title.text, calendar)]
    labelled = [(title, text) for title in titles if (text := title.after(PERIOD_LABEL))]
    if not named:
        named = [(title, period) for title, text in labelled if (period := parse_period(text, calendar))]
    if named:
        title, period = _most_telling(named)
        return period, period.key, _contradictions(sheet, title, period, named)
    if period_of_name := _find_in_name(sheet.name[:100], calendar):
        return period_of_name, sheet.name, []
    labelled += [(title, title.text) for title in titles if _LIKE_A_PERIOD.match(title.key)]
    for title, text in labelled:
        return None, show(text), [title.remark("S.period-unknown", sheet, found=show(text), expected=NO_WORDS)]
    return None, "", [remark("S.period-missing", sheet)]


def find_other_period(titles: Sequence[Title], period: Period, calendar: Calendar) -> _Named | None:
    """Find the first title that names another period; the year of this one is no other."""
    named = ((title, found) for title in titles for _, found in find_periods(title.text, calendar))
    return next((one for one in named if one[1].key != period.key and not _is_year_of(one[1], period)), None)


def _most_telling(named: Sequence[_Named]) -> _Named:
    """Take the first period named, but a month or quarter rather than the bare year above it."""
    first = named[0]
    return next((other for other in named if other[1] != first[1] and _is_year_of(first[1], other[1])), first)


def _is_year_of(year: Period, period: Period) -> bool:
    return len(year.key) == 4 and period.key.startswith(year.key)


def _contradictions(sheet: Sheet, title: Title, period: Period, named: Sequence[_Named]) -> list[Finding]:
    """Report the first other period that the titles name; the year of this one is no other."""
    for other, another in named:
        if another.key != period.key and not _is_year_of(another, period):
            cell = cell_name(other.row, other.column)
            expected = (f"ô {cell} ghi “{another.key}”", f"cell {cell} says “{another.key}”")
            return [title.remark("S.period-contradicted", sheet, found=period.key, expected=expected)]
    return []


def _find_in_name(name: str, calendar: Calendar) -> Period | None:
    found = [period for _, period in find_periods(name.replace("_", " "), calendar)]
    return found[0] if len(found) == 1 else parse_period(name, calendar)
