"""Periods as officials say them: "4 tháng đầu năm 2022", "quý I năm 2022", "tháng 4 năm 2022"."""

import re

from etl.model import Language
from etl.periods import Period
from etl.phrases import name_period

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_COUNTS = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_ORDINALS = ("first", "second", "third", "fourth")
_ROMAN = ("I", "II", "III", "IV")


def say_period(period: Period, language: Language) -> str:
    """Say a period within a sentence; one without a name of its own by its first and last month or day."""
    for pattern, say in _KINDS:
        if match := re.fullmatch(pattern, period.key):
            return say([int(part) for part in match.groups()])[0 if language is Language.VI else 1]
    return name_period(period.key, language)


def begin_with_period(period: Period, language: Language) -> str:
    """Begin a sentence with when it was: "Trong quý I năm 2022", "Từ tháng 3 đến tháng 5 năm 2022"."""
    said = say_period(period, language)
    if language is Language.VI:
        return "Từ" + said.removeprefix("từ") if said.startswith("từ ") else f"Trong {said}"
    return f"From {said}" if " to " in said else f"In {said}"


def _month(n: list[int]) -> tuple[str, str]:
    return f"tháng {n[1]} năm {n[0]}", f"{_MONTHS[n[1] - 1]} {n[0]}"


def _quarter(n: list[int]) -> tuple[str, str]:
    return f"quý {_ROMAN[n[1] - 1]} năm {n[0]}", f"the {_ORDINALS[n[1] - 1]} quarter of {n[0]}"


def _half(n: list[int]) -> tuple[str, str]:
    vi = "6 tháng đầu năm" if n[1] == 1 else "6 tháng cuối năm"
    return f"{vi} {n[0]}", f"the {_ORDINALS[n[1] - 1]} half of {n[0]}"


def _year(n: list[int]) -> tuple[str, str]:
    return f"năm {n[0]}", f"{n[0]}"


def _run(n: list[int]) -> tuple[str, str]:
    first_year, first, last_year, last = n
    if first_year != last_year:
        (vi, en), (last_vi, last_en) = _month(n[:2]), _month(n[2:])
        return f"từ {vi} đến {last_vi}", f"{en} to {last_en}"
    if first == 1:
        return f"{last} tháng đầu năm {last_year}", f"the first {_COUNTS[last]} months of {last_year}"
    return (
        f"từ tháng {first} đến tháng {last} năm {last_year}",
        f"{_MONTHS[first - 1]} to {_MONTHS[last - 1]} {last_year}",
    )


_MONTH = r"(0[1-9]|1[0-2])"
_KINDS = (
    (rf"(\d{{4}})-{_MONTH}", _month),
    (r"(\d{4})-Q([1-4])", _quarter),
    (r"(\d{4})-H([12])", _half),
    (r"(\d{4})", _year),
    (rf"(\d{{4}})-{_MONTH}/(\d{{4}})-{_MONTH}", _run),
)
