"""Words for people: numbers, days and periods in Vietnamese and in English, and texts made safe to show."""

import re
import unicodedata
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from etl.forms import Form
from etl.model import Language


def clean(text: str, most: int = 300) -> str:
    """Make a text that a stranger wrote fit for one line of a mail or a sheet.

    Control characters, line ends, and marks that turn the direction of writing or are invisible go; so do
    towers of accents. *Units*: `most` is in characters.
    """
    composed = unicodedata.normalize("NFC", text[: 4 * most])
    spaced = "".join(" " if _is_space(c) else c for c in composed if _is_space(c) or _is_shown(c))
    line = re.sub(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3,}", "", " ".join(spaced.split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _is_space(character: str) -> bool:
    return character in "\t\r\n\v\f\x85" or unicodedata.category(character) in ("Zs", "Zl", "Zp")


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def number_words(value: Any, language: Language) -> str:
    """Write a count with its thousands apart: 1.297 in Vietnamese, 1,297 in English. *Missing*: "–"."""
    if _is_missing(value):
        return "–"
    grouped = f"{int(value):,}"
    return grouped.replace(",", ".") if language is Language.VI else grouped


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # noqa: PLR0124 (NaN is not itself)


def percent(part: Any, whole: Any) -> Decimal | None:
    """Give `part` of `whole` in percent, rounded half up to two decimals. *Missing*: None, also of nothing."""
    if _is_missing(part) or _is_missing(whole) or not whole:
        return None
    return (Decimal(int(part)) * 100 / Decimal(int(whole))).quantize(Decimal("0.01"), ROUND_HALF_UP)


def percent_words(value: Decimal | None, language: Language) -> str:
    """Write a percentage: 99,74 % in Vietnamese, 99.74 % in English."""
    if value is None:
        return "–"
    return (str(value).replace(".", ",") if language is Language.VI else str(value)) + "\u00a0%"


def moment_words(moment: datetime, language: Language) -> str:
    """Write a moment, already in the town's time zone: 17:00 ngày 17/04/2022."""
    return moment.strftime("%H:%M ngày %d/%m/%Y" if language is Language.VI else "%H:%M on %d/%m/%Y")


def label_measure(form: Form, name: str, language: Language) -> str:
    """Give a measure's label; a name the form does not know stays as it is."""
    if name not in form.measure_names:
        return clean(name, 80)
    measure = form.measure(name)
    return measure.label_vi if language is Language.VI else measure.label_en


def name_period(key: str, language: Language) -> str:
    """Say the period with this key; a text that is no key stays as it is, cleaned."""
    for pattern, vi, en in _PERIOD_WORDS:
        if match := re.fullmatch(pattern, key):
            parts = [_plain_number(part) for part in match.groups()]
            names = {
                "quarter": _ROMAN.get(parts[-1], ""),
                "month": _month(parts[1:2]),
                "last_month": _month(parts[3:4]),
            }
            return (vi if language is Language.VI else en).format(*parts, **names)
    return clean(key, 80)


def _month(number: list[str]) -> str:
    return _MONTHS[int(number[0]) - 1] if number and 1 <= int(number[0]) <= 12 else ""


def _plain_number(digits: str) -> str:
    return digits if len(digits) == 4 else str(int(digits))


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_PERIOD_WORDS = (
    (r"(\d{4})-(\d{2})", "tháng {1}/{0}", "{month} {0}"),
    (r"(\d{4})-Q([1-4])", "quý {quarter}/{0}", "quarter {1} of {0}"),
    (r"(\d{4})-H(1)", "6 tháng đầu năm {0}", "the first half of {0}"),
    (r"(\d{4})-H(2)", "6 tháng cuối năm {0}", "the second half of {0}"),
    (r"(\d{4})", "năm {0}", "{0}"),
    (r"(\d{4})-(\d{2})/(\d{4})-(\d{2})", "từ tháng {1}/{0} đến tháng {3}/{2}", "{month} {0} to {last_month} {2}"),
    (
        r"(\d{4})-(\d{2})-(\d{2})/(\d{4})-(\d{2})-(\d{2})",
        "từ ngày {2}/{1}/{0} đến ngày {5}/{4}/{3}",
        "{2}/{1}/{0} to {5}/{4}/{3}",
    ),
)
