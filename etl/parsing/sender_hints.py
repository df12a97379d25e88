"""What the name of a file and of its folder say about the report, to be held against its content."""

import re
from collections.abc import Iterator

from etl.model import Submission, Unit
from etl.parsing.names import index_units, plain_key
from etl.periods import Calendar, Period, find_periods, fold, parse_period
from etl.reference import Reference
from etl.senders import split_sender

_SHORT_MONTH = re.compile(r"(?<![a-z0-9])(?:t|thang|thg|m)[ ]?(0?[1-9]|1[0-2])[ ]?(?:nam[ ]?)?(20\d\d)(?!\d)")
_SHORT_QUARTER = re.compile(r"(?<![a-z0-9])(?:q|quy|qui)[ ]?([1-4]|iv|i{1,3})[ ]?(?:nam[ ]?)?(20\d\d)(?!\d)")
_YEAR_MONTH = re.compile(r"(?<!\d)(20\d\d)[ ]?(0[1-9]|1[0-2])(?!\d)(?! ?[0-3]\d(?!\d))")
_MONTH_YEAR = re.compile(r"(?<!\d)(?<!\d )(0?[1-9]|1[0-2]) (20\d\d)(?!\d)")
_QUARTERS = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def find_period_hints(name: str, calendar: Calendar) -> Iterator[Period]:
    """Find the periods a file name speaks of: "BC_T4.2022.xlsx", "09574 2022-04.csv"; dates are no periods."""
    stem = name.rpartition(".")[0] or name
    yield from (period for _, period in find_periods(re.sub(r"[_.]+", " ", stem), calendar))
    plain = " ".join(re.findall(r"[a-z0-9]+", fold(stem)))
    for pattern, key in (
        (_SHORT_MONTH, "{1}-{0:0>2}"),
        (_SHORT_QUARTER, "Q{0}/{1}"),
        (_YEAR_MONTH, "{0}-{1}"),
        (_MONTH_YEAR, "{1}-{0:0>2}"),
    ):
        for match in pattern.finditer(plain):
            groups = [_QUARTERS.get(group, group) for group in match.groups()]
            if period := parse_period(key.format(*groups), calendar):
                yield period


def find_unit_hints(
    submission: Submission, reference: Reference, units: tuple[Unit, ...]
) -> Iterator[tuple[str, Unit]]:
    """Find the wards that the file name and the sender's folder name; gives "file" or "folder" with each.

    Of folders in one another the outermost that names any ward counts: those in it are of the ward's own making.
    """
    index = index_units(units)
    folders = ([index.find_known(name) for name in folder] for folder in split_sender(submission.sent_by))
    senders = next((found for folder in folders if (found := [unit for unit in folder if unit])), [])
    yield from (("folder", sender) for sender in dict.fromkeys(senders))
    words = plain_key(re.sub(r"[_.]+", " ", submission.name.rpartition(".")[0] or submission.name)).split(" ")
    start = 0
    while start < len(words):
        for length in range(min(5, len(words) - start), 0, -1):
            text = " ".join(words[start : start + length])
            is_town = start and words[start - 1] in ("xa", "tx") and words[max(0, start - 2)] in ("thi", "tx")
            if (length > 1 or len(text) == 5) and not is_town and (unit := index.find_known(text)):
                yield "file", unit
                start += length - 1
                break
        start += 1
