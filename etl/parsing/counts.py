"""Numbers as people type them, and the four ways to say that there is nothing.

A count is never rounded and never guessed: what is no whole number ≥ 0 is a problem, with the number it
probably was where the writing leaves only one.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from math import isfinite

from etl.model import Statement
from etl.periods import fold
from etl.reading.grid import Value

MOST = 1_000_000_000
_MOST_LETTERS = 200  # whatever is longer is no number, and not worth a closer look


class CountProblem(StrEnum):
    """Why an unclear cell is no count."""

    DECIMALS = "decimals"
    NEGATIVE = "negative"
    WORDS = "words"
    DATE = "date"
    ERROR_VALUE = "error_value"
    TOO_LARGE = "too_large"
    TRUTH_VALUE = "truth_value"
    BRACKETS = "brackets"


@dataclass(frozen=True, slots=True)
class Count:
    """A cell read as a count.

    *Units*: dossiers. *Missing*: `value` is None for a blank and an unclear cell; "-" and "không phát
    sinh" count 0 and say so. `probable` is what an unclear cell probably meant, if that is one number.
    """

    value: int | None
    statement: Statement
    problem: CountProblem | None = None
    probable: int | None = None


BLANK = Count(None, Statement.BLANK)
_DASH = Count(0, Statement.DASH)
_NONE_ARISEN = Count(0, Statement.NONE_ARISEN)

_NOTHING_WORDS = re.compile(
    r"(?:khong|ko|k)(?: co)?(?: phat sinh)?(?: ho so)?|kps|kpsinh|kp sinh|none|nil|no cases",
)
_DASHES = re.compile(r"[-_./\s]*-[-_./\s]*")
# Not NFKC, which would make 122 of "12²", a count with a footnote mark.
_SAME: dict[int, str] = (
    dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
    | dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"), "")
    | {0x2019: "'", 0xFF0C: ",", 0xFF0E: ".", 0xFF08: "(", 0xFF09: ")"}
    | {0xFF10 + digit: str(digit) for digit in range(10)}
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([.,' ])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]0{1,2})?")
_PLAIN = re.compile(r"\d+(?:[.,]0{1,2})?")
_NUMBER = re.compile(r"\d+(?:[.,' ]\d+)*")
_ERROR = re.compile(r"#[A-Z0-9/!? ]+[!?A0]?|#+|err:\d+", re.IGNORECASE)
_FIRST_DAY = date(1899, 12, 30)
_LAST_ODD_YEAR = 1950  # a date before it is a count that was formatted as a date


def parse_count(value: Value) -> Count:
    """Read a cell as a count of dossiers."""
    if value is None:
        return BLANK
    if isinstance(value, str) and len(value) > _MOST_LETTERS:
        return _unclear(CountProblem.WORDS)
    return _parse(value)


@lru_cache(maxsize=16_384, typed=True)  # the same small numbers stand everywhere
def _parse(value: int | float | str | date | datetime | time | timedelta) -> Count:
    if isinstance(value, bool):
        return _unclear(CountProblem.TRUTH_VALUE)
    if isinstance(value, int):
        return _from_whole(value)
    if isinstance(value, float):
        return _from_float(value)
    if isinstance(value, str):
        return _from_text(value)
    return _from_moment(value)


def _unclear(problem: CountProblem, probable: int | None = None) -> Count:
    is_count = probable is not None and 0 <= probable <= MOST
    return Count(None, Statement.UNREADABLE, problem, probable if is_count else None)


def _from_whole(number: int) -> Count:
    if number < 0:
        return _unclear(CountProblem.NEGATIVE, -number)
    if number > MOST:
        return _unclear(CountProblem.TOO_LARGE)
    return Count(number, Statement.NUMBER)


def _from_float(number: float) -> Count:
    if not isfinite(number):
        return _unclear(CountProblem.ERROR_VALUE)
    if number.is_integer():
        return _from_whole(int(number))
    if number < 0:
        return _unclear(CountProblem.NEGATIVE)
    return _unclear(CountProblem.DECIMALS, _undo_decimal_point(repr(number)))


def _undo_decimal_point(digits: str) -> int | None:
    """Give the count of which a spreadsheet made a decimal: 1.297 was 1297, 1.29 was 1.290, so 1290."""
    try:
        number = Decimal(digits)
    except ArithmeticError:
        return None
    thousands = number * 1000
    return int(thousands) if 1 <= number < 1000 and thousands == thousands.to_integral_value() else None


def _from_moment(moment: date | datetime | time | timedelta) -> Count:
    """Undo a date format: 20/07/1903 is the count 1297, shown as a date."""
    if isinstance(moment, timedelta):
        return _unclear(CountProblem.DATE, moment.days if moment == timedelta(days=moment.days) else None)
    if isinstance(moment, time):
        return _unclear(CountProblem.DATE, 0 if moment == time(0) else None)
    day = moment.date() if isinstance(moment, datetime) else moment
    if day.year >= _LAST_ODD_YEAR:
        return _unclear(CountProblem.DATE)
    days = (day - _FIRST_DAY).days
    return _unclear(CountProblem.DATE, days if days > 60 else days - 1)  # spreadsheets count a 29/02/1900


def _from_text(text: str) -> Count:
    typed = " ".join(unicodedata.normalize("NFC", text).translate(_SAME).split()).removeprefix("'")
    if not typed:
        return BLANK
    if _DASHES.fullmatch(typed):
        return _DASH
    if _NOTHING_WORDS.fullmatch(fold(typed).strip(" .()!")):
        return _NONE_ARISEN
    return _from_digits(typed) or _from_odd_text(typed)


def _from_digits(typed: str) -> Count | None:
    """Read digits with at most thousands separators and a decimal part of zeros."""
    if not typed.isascii():
        return None
    match = _GROUPED.fullmatch(typed)
    if match is not None:
        separator = match[1]
        whole = re.split("[.,]", typed.replace(separator, "_"))[0]
        return _from_long(whole.replace("_", ""))
    if _PLAIN.fullmatch(typed):
        return _from_long(re.split("[.,]", typed)[0])
    return None


def _from_long(digits: str) -> Count:
    """Refuse what is too long for a count before making a number of it, a phone number among others."""
    if len(digits.lstrip("0")) > len(str(MOST)) or (digits.startswith("0") and len(digits) > 4):
        return _unclear(CountProblem.TOO_LARGE)
    return _from_whole(int(digits))


def _from_odd_text(typed: str) -> Count:
    if _ERROR.fullmatch(typed):
        return _unclear(CountProblem.ERROR_VALUE)
    if match := re.fullmatch(r"\(\s*(.*\d.*?)\s*\)", typed):
        return _unclear(CountProblem.BRACKETS, _only_number(match[1]))
    if match := re.fullmatch(r"-\s*(\d.*)|(.*\d)\s*-", typed):
        return _unclear(CountProblem.NEGATIVE, _only_number(match[1] or match[2]))
    if re.fullmatch(r"\d[\d.,]*[.,]\d+", typed):
        return _unclear(CountProblem.DECIMALS, _undo_decimal_point(typed) if "." in typed else None)
    return _unclear(CountProblem.WORDS, _only_number(typed))


def _only_number(typed: str) -> int | None:
    """Give the number in a text that holds exactly one: "12 hồ sơ" is 12, "12/15" is none."""
    found = _NUMBER.findall(typed)
    if len(found) != 1 or not found[0].isascii() or re.search(r"[-+*/%]", typed):
        return None
    count = _from_digits(found[0])
    return count.value if count is not None else None
