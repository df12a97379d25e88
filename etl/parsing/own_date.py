"""When a report itself says it was made: the day beside the signature, the sending it calls itself, its last saving.

Each is held against the others' files to see which is the newer one, so what is doubtful is left out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from etl.model import OwnDate, Submission
from etl.parsing.body import Piece
from etl.parsing.title_lines import find_titles
from etl.periods import Period, fold
from etl.reading.grid import Sheet, Value, as_text

_FIRST_SAVED = datetime(2005, 1, 1, tzinfo=UTC)  # programs that keep no moment write one long ago
_SKEW = timedelta(days=1)  # by which the sender's clock may be ahead of ours
_MOST_REVISIONS = 30
_LONGEST_LINE = 200
_MOST_WORDS = 8  # of the place's name: "phường Lê Lợi, thị xã Sơn Tây,"

_DAY = re.compile(
    r"(?P<before>[^\d]*)\bngay\s?(?:ky|lap(?: bieu| bao cao)?)?\s?:?\s?"
    r"(\d{1,2})\s?(?:thang|[/.-])\s?(\d{1,2})\s?(?:nam|[/.-])\s?(\d{4})[\s.,;)]*"
)
# Days that are not the signature's: those of the period, of the law, of when the figures were taken.
_OTHER_DAY = re.compile(
    r"\b(?:tu|den|het|truoc|sau|trong)\s*$|"
    r"\b(?:thong tu|quyet dinh|nghi dinh|can cu|ban hanh|theo|kem|cong van|van ban|so lieu|bao cao|hieu luc|thoi \w+"
    r"|han (?:nop|gui|chot)|xuat|cap nhat|in)\b"
)
_ORDINALS = {"nhất": 1, "hai": 2, "ba": 3, "tư": 4, "nhat": 1, "tu": 4}
_REVISION = re.compile(
    r"(?<![^\W_])(?:(?:lần|lan)(?:[\s_]+(?:thứ|thu))?[\s_]*(\d{1,2}|(?:nhất|nhat|hai|ba|tư|tu)(?![^\W_]))|v\.?(\d{1,2}))"
    r"(?![^\W_]|[.,/]\d|[\s_]*(?:/|,?[\s_]*(?:năm|nam|trong)(?![^\W_])))"
)


def read_own_date(
    pieces: Sequence[Piece], submission: Submission, *, saved_at: datetime | None, zone: ZoneInfo
) -> OwnDate:
    """Read when one report says it was made, from its pieces, its file's name and its file's properties.

    *Missing*: None where it does not say, says several things, or what cannot be.
    """
    last_day = (submission.received_at + _SKEW).astimezone(zone).date()
    days = {day for piece in pieces if (day := _find_signing_day(piece, last_day))}
    return OwnDate(
        revision=_find_revision(pieces, submission.name),
        signed_on=days.pop() if len(days) == 1 else None,
        saved_at=_sane_moment(saved_at, submission.received_at, zone),
    )


def _sane_moment(moment: datetime | None, received_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Give a moment in UTC; one without a zone, as LibreOffice writes it, is the clock on the ward's wall."""
    if moment is None:
        return None
    known = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    return known if _FIRST_SAVED <= known <= received_at + _SKEW else None


# ---------------------------------------------------------------------------------------------------------
# The day of the signature


def _find_signing_day(piece: Piece, last_day: date) -> date | None:
    """Find the last day below the table; else the one beside a place above it. None before the period began."""
    if piece.layout.edition.layout == "plain":
        return None
    sheet, end = piece.sheet, max([piece.layout.bottom, *(row.row for row in piece.rows)])
    below = _days(sheet, range(end + 1, sheet.height + 1), is_signed=True)
    above = _days(sheet, range(1, piece.layout.top), is_signed=False)
    found = list(dict.fromkeys(below))[-1:] or list(dict.fromkeys(above))
    return found[0] if len(found) == 1 and _is_sane_day(found[0], piece.period, last_day) else None


def _is_sane_day(day: date, period: Period | None, last_day: date) -> bool:
    return (period.start if period else _FIRST_SAVED.date()) <= day <= last_day


def _days(sheet: Sheet, rows: Iterable[int], *, is_signed: bool) -> list[date]:
    found = [_parse_day(line, is_signed=is_signed) for row in rows for line in _lines(sheet.rows[row - 1])]
    return [day for day in found if day is not None]


def _lines(row: Sequence[Value]) -> Iterator[str]:
    """Give the lines in a row's cells, and the row as one: "Sơn Tây," | "ngày 18/4/2022"."""
    texts = [as_text(value) for value in row if value is not None]
    for text in texts:
        yield from (line for line in text.splitlines() if len(line) <= _LONGEST_LINE)
    if len(texts) > 1 and sum(map(len, texts)) <= _LONGEST_LINE:
        yield " ".join(texts)


@lru_cache(maxsize=4096)
def _parse_day(text: str, *, is_signed: bool) -> date | None:
    """Read a line that is a day of signing and nothing else; above the table it must name a place."""
    match = _DAY.fullmatch(fold(text).strip(" ("))
    if match is None or not _is_place(match["before"], or_nothing=is_signed):
        return None
    day, month, year = (int(number) for number in match.groups()[1:])
    try:
        return date(year, month, day)
    except ValueError:  # the 31st of April
        return None


def _is_place(text: str, *, or_nothing: bool) -> bool:
    """Tell whether what stands before a day may be a place: "Sơn Tây,", and no sentence about that day."""
    words = re.findall(r"[a-z]+", text)
    most = _MOST_WORDS if text.rstrip().endswith(",") else _MOST_WORDS // 2
    return (bool(words) or or_nothing) and len(words) <= most and not _OTHER_DAY.search(text)


# ---------------------------------------------------------------------------------------------------------
# The sending it calls itself


def _find_revision(pieces: Sequence[Piece], name: str) -> int | None:
    stem = name.rpartition(".")[0] or name
    lines = [title.text for piece in pieces for title in find_titles(piece.sheet, piece.layout.top)]
    said = {number for text in (stem, *lines) for number in _revisions(text)}
    return said.pop() if len(said) == 1 else None


def _revisions(text: str) -> Iterator[int]:
    """Give the numbers in "lần 2", "lần thứ hai" and "v2"; "lần 1 năm 2022" counts within a year, not sendings."""
    for said in _say_revisions(text):
        number = _ORDINALS.get(said) or int(said)
        if 1 <= number <= _MOST_REVISIONS:
            yield number


@lru_cache(maxsize=4096)
def _say_revisions(text: str) -> tuple[str, ...]:
    found = _REVISION.finditer(unicodedata.normalize("NFC", text).lower())
    return tuple(match[1] or match[2] for match in found)
