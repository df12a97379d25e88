"""Findings about a place on a sheet: where, what was found, what was expected."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from etl.model import Finding
from etl.reading.grid import Sheet, Value, cell_name, column_letters
from etl.rules import compose_finding

Words = tuple[str, str]
"""The same in Vietnamese and in English."""

NO_WORDS: Words = ("", "")
OVERFULL: Words = (
    "Dòng có nhiều ô hơn tiêu đề nên số liệu bị lệch cột; số có dấu phẩy phải nằm trong dấu ngoặc kép.",
    "It has more cells than there are headings, so figures have moved; put a number with a comma in quotes.",
)
_MOST_LETTERS = 80
_LONG_NUMBER = re.compile(r"(?<!\d)(?:\+?\d[\s.-]?){9,}(?!\d)")
_ADDRESS = re.compile(r"\S+@\S+")


def remark(
    rule: str,
    sheet: Sheet,
    place: tuple[int | None, int | None] = (None, None),
    *,
    about: Words = NO_WORDS,
    found: Words | str | None = None,
    expected: Words = NO_WORDS,
    **facts: Any,
) -> Finding:
    """Put into words what is wrong at a place (row, column) of a sheet.

    `about` names what the cell is for; `facts` are further fields of the finding.
    """
    row, column = place
    cell = cell_name(row, column) if row and column else None
    both = (found, found) if isinstance(found, str) else found
    words: dict[str, Words] = {"where": _where(sheet.name, place, about), "expected": expected}
    if both is not None:
        words["found"] = both
    plain = found if isinstance(found, str) else None
    return compose_finding(rule, words=words, sheet=sheet.name, cell=cell, found=plain, **facts)


def _where(name: str, place: tuple[int | None, int | None], about: Words) -> Words:
    row, column = place
    name = show(name)
    vi, en = f"Trang tính “{name}”", f"Sheet “{name}”"
    if row and column:
        vi, en = f"{vi}, ô {cell_name(row, column)}", f"{en}, cell {cell_name(row, column)}"
    elif row:
        vi, en = f"{vi}, dòng {row}", f"{en}, row {row}"
    elif column:
        vi, en = f"{vi}, cột {column_letters(column)}", f"{en}, column {column_letters(column)}"
    if about != NO_WORDS:
        vi, en = f"{vi} ({about[0]})", f"{en} ({about[1]})"
    return f"{vi}: ", f"{en}: "


def show(value: Value) -> str:
    """Make a cell's content fit for a message: short, on one line, without phone numbers and addresses."""
    return _show(value) if isinstance(value, str) and len(value) <= _MOST_LETTERS else _compose_shown(value)


@lru_cache(maxsize=4096)  # the names of the same fields stand in every file
def _show(value: str) -> str:
    return _compose_shown(value)


def _compose_shown(value: Value) -> str:
    clipped = str(value)[: 4 * _MOST_LETTERS]
    text = " ".join("".join(c if c.isprintable() else " " for c in clipped).split())
    if isinstance(value, str):
        text = _ADDRESS.sub("…", _LONG_NUMBER.sub("…", text))
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"


def did_you_mean(names: Iterable[str]) -> Words:
    """Propose names; no words where there are none."""
    listed = list(names)
    if not listed:
        return NO_WORDS
    quoted = [f"“{name}”" for name in listed]
    return f"Có phải là {' hay '.join(quoted)}?", f"Did you mean {' or '.join(quoted)}?"


def suggest_names(cell: str | None, names: Iterable[str]) -> Mapping[str, Any] | None:
    """Propose names in the shape of a finding's suggestion; None where there are none."""
    listed = [{"measure": None, "cell": cell, "value": name, "reason": "similar_name"} for name in names]
    return None if not listed else listed[0] if len(listed) == 1 else {"either": listed}
