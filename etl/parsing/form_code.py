"""The code of a form handed out to one unit for one period: written above the table, read back without doubt.

"Mã biểu: 09574.2025-07-01.2022-04.2020.X7QA" is the unit's code, the first day of that unit ("0" for no such day),
the period's key, the edition's name, and letters that follow from all of these. It stands in one cell together with
its label, so that no program takes it for a number or a day.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from etl.forms import Edition
from etl.model import Finding, Unit
from etl.parsing.remarks import Words, show
from etl.parsing.title_lines import Title, find_lines
from etl.periods import Period, fold, parse_period
from etl.reading.grid import Sheet, cell_name
from etl.reference import Reference

_LABEL = "Mã biểu"
_SAID = re.compile(r"ma (?:so )?bieu\s?:?\s?(.*\S)")
_CODE = re.compile(
    r"(?P<stated>(?P<unit>.+)\.(?P<since>0|\d{4}-\d\d-\d\d)\.(?P<period>\d{4}[-0-9QH/]*)\.(?P<edition>.+))"
    r"\.(?P<letters>[A-Z2-7]{4})"
)
_LEAST_DOTS = 3  # by which a code of ours is told from the number of a form, such as "06a/VPCP/KSTT"
_MISTYPED: Words = ("mã bị gõ nhầm hoặc thiếu ký tự", "it was mistyped, or a part of it is missing")
_NO_UNIT: Words = ("danh mục không có đơn vị này trong kỳ này", "the list has no such unit in this period")
_NO_PERIOD: Words = ("không có kỳ báo cáo này", "there is no such period")
_NO_EDITION: Words = ("không có biểu mẫu này", "there is no such form")
_SEVERAL: Words = ("phần đầu biểu có hai mã khác nhau", "another code stands above the same table")


@dataclass(frozen=True, slots=True)
class FormCode:
    """A code that is right: whose form it is, for when, on which edition. `title` is where it stands."""

    unit: Unit
    period: Period
    edition: str
    title: Title

    @property
    def cell(self) -> str:
        return cell_name(self.title.row, self.title.column)


def compose_code(unit: Unit, period: Period, edition: Edition) -> str:
    """Write the line that says whose form it is: "Mã biểu: 09574.0.2022-04.2020.X7QA"."""
    stated = _plain(f"{unit.code}.{unit.valid_from or 0}.{period.key}.{edition.name}")
    return f"{_LABEL}: {stated}.{_letters(stated)}"


def read_code(sheet: Sheet, top: int, reference: Reference) -> tuple[FormCode | None, list[Finding]]:
    """Read the code above row `top`. *Missing*: None where there is none, or none to be trusted: then a finding."""
    codes: list[FormCode] = []
    for title, text in _find_codes(sheet, top):
        read = _read(title, text, reference)
        if not isinstance(read, FormCode):
            return None, [_remark_damaged(title, text, sheet, read)]
        codes.append(read)
        if (read.unit, read.period, read.edition) != (codes[0].unit, codes[0].period, codes[0].edition):
            return None, [_remark_damaged(title, text, sheet, _SEVERAL)]
    return (codes[0] if codes else None), []


def remark_other_edition(code: FormCode, edition: Edition, sheet: Sheet, reference: Reference) -> Finding:
    """Report headings of another edition than the code's: they say what the columns mean."""
    stated = reference.form.edition(code.edition).title
    reason = (
        f"mã là của “{stated}” nhưng các tiêu đề cột là của “{edition.title}”",
        f"it is that of “{stated}”, but the columns are headed as in “{edition.title}”",
    )
    return _remark_damaged(code.title, code.title.text.partition(":")[2], sheet, reason)


def _find_codes(sheet: Sheet, top: int) -> Iterator[tuple[Title, str]]:
    for title in find_lines(sheet, top):
        said = _SAID.match(fold(title.text).strip())
        if said and said[1].count(".") >= _LEAST_DOTS and re.search(r"\d", said[1]):
            yield title, said[1]


def _read(title: Title, text: str, reference: Reference) -> FormCode | Words:
    """Read one code; else say why it is none."""
    match = _CODE.fullmatch(_plain(text))
    if match is None or _letters(match["stated"]) != match["letters"]:
        return _MISTYPED
    period = parse_period(match["period"], reference.town.calendar)
    if period is None or period.key != match["period"]:
        return _NO_PERIOD
    units = (u for u in reference.expected_units(period) if _plain(u.code) == match["unit"])
    unit = next((unit for unit in units if str(unit.valid_from or 0) == match["since"]), None)
    if unit is None:
        return _NO_UNIT
    edition = next((e.name for e in reference.form.editions if _plain(e.name) == match["edition"]), None)
    return FormCode(unit, period, edition, title) if edition else _NO_EDITION


def _remark_damaged(title: Title, text: str, sheet: Sheet, reason: Words) -> Finding:
    return title.remark("S.code-damaged", sheet, found=show(_plain(text)), expected=reason)


def _plain(text: str) -> str:
    """Undo what programs and people do to a code on its way: spaces, long dashes, small letters."""
    return re.sub(r"[–—‑−]", "-", re.sub(r"\s+", "", fold(text))).upper().rstrip(".")


def _letters(stated: str) -> str:
    """Follow from what is stated: a slip of the hand stays unseen once in a million. No 0, 1, 8 or 9 to misread."""
    return base64.b32encode(hashlib.sha256(stated.encode()).digest())[:4].decode()
