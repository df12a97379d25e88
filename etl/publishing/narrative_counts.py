"""How officials say the counts of one line: received, of which carried over; resolved, of which in time; pending."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from etl.model import Language
from etl.phrases import number_words, percent, percent_words
from etl.publishing.roles import Roles


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a line by their part in the form. *Missing*: None where it is not reported."""

    total: int | None
    incoming: int | None
    opening: int | None
    done: int | None
    in_time: int | None
    overdue: int | None
    closing: int | None

    @property
    def rate(self) -> Decimal | None:
        return percent(self.in_time, self.done)


def read_counts(row: Any, roles: Roles) -> Counts:
    """Take the counts that a sentence needs from a row of the dataset."""
    names = (roles.total, roles.incoming, roles.opening, roles.done, roles.in_time, roles.overdue, roles.closing)
    return Counts(*(None if name is None or pd.isna(row[name]) else int(row[name]) for name in names))


def tell_counts(counts: Counts, language: Language) -> str:
    """Tell counts as the rest of a sentence whose subject stands before. *Missing*: "" where nothing is known."""
    if counts.total == 0 and not counts.done and not counts.closing:
        return "không phát sinh hồ sơ" if language is Language.VI else "received no dossiers"
    if language is Language.VI:
        told = [_received_vi(counts), _resolved_vi(counts)]
        return "; ".join(part for part in (", ".join(p for p in told if p), _pending_vi(counts)) if part)
    told = [_received_en(counts), _resolved_en(counts)]
    return "; ".join(part for part in (" and ".join(p for p in told if p), _pending_en(counts)) if part)


def _vi(count: int) -> str:
    return f"{number_words(count, Language.VI)} hồ sơ"


def _en(count: int) -> str:
    return f"{number_words(count, Language.EN)} dossier{'s' * (count != 1)}"


# Vietnamese


def _received_vi(counts: Counts) -> str:
    carried = ""
    if counts.total is None:
        if counts.opening:
            carried = f" (chưa kể {_vi(counts.opening)} từ kỳ trước chuyển sang)"
        return f"đã tiếp nhận trong kỳ {_vi(counts.incoming)}{carried}" if counts.incoming is not None else ""
    if counts.opening is not None:
        carried = f"trong đó {_vi(counts.opening)}" if counts.opening else "không có hồ sơ"
        carried = f" ({carried} từ kỳ trước chuyển sang)"
    return f"đã tiếp nhận {_vi(counts.total)}{carried if counts.total else ''}"


def _resolved_vi(counts: Counts) -> str:
    in_time = f"trước và đúng hạn {_vi(counts.in_time)}" if counts.in_time is not None else ""
    if counts.rate is not None:
        in_time += f" (đạt {percent_words(counts.rate, Language.VI)})"
    late = "" if counts.overdue is None else f"quá hạn {_vi(counts.overdue)}"
    if counts.done is None:
        return ", ".join(f"giải quyết {part}" for part in (in_time, late) if part)
    if counts.done == 0:
        return "chưa giải quyết hồ sơ nào"
    late = "không có hồ sơ quá hạn" if counts.overdue == 0 else late
    parts = ", ".join(part for part in (in_time, late) if part)
    inside = "trong đó " if in_time or counts.overdue else ""
    return f"đã giải quyết {_vi(counts.done)}" + (f", {inside}{parts}" if parts else "")


def _pending_vi(counts: Counts) -> str:
    if counts.closing is None:
        return ""
    return f"đang giải quyết {_vi(counts.closing)}" if counts.closing else "không còn hồ sơ đang giải quyết"


# English


def _received_en(counts: Counts) -> str:
    carried = ""
    if counts.total is None:
        if counts.opening:
            carried = f" (not counting {number_words(counts.opening, Language.EN)} carried over)"
        return f"received {_en(counts.incoming)} within the period{carried}" if counts.incoming is not None else ""
    if counts.opening is not None:
        number = f"{number_words(counts.opening, Language.EN)} of them" if counts.opening else "none of them"
        carried = f" ({number} carried over from the period before)"
    return f"received {_en(counts.total)}{carried if counts.total else ''}"


def _resolved_en(counts: Counts) -> str:
    in_time = f"{number_words(counts.in_time, Language.EN)} in time" if counts.in_time is not None else ""
    if counts.rate is not None:
        in_time += f" ({percent_words(counts.rate, Language.EN)})"
    late = "" if counts.overdue is None else f"{number_words(counts.overdue, Language.EN)} overdue"
    if counts.done is None:
        parts = " and ".join(part for part in (in_time, late) if part)
        return f"resolved {parts}" if parts else ""
    if counts.done == 0:
        return "resolved none"
    parts = " and ".join(part for part in (in_time, "none overdue" if counts.overdue == 0 else late) if part)
    number = number_words(counts.done, Language.EN) if _received_en(counts) else _en(counts.done)
    return f"resolved {number}" + (f", of which {parts}" if parts else "")


def _pending_en(counts: Counts) -> str:
    if counts.closing is None:
        return ""
    if counts.closing == 0:
        return "none is pending"
    return f"{_en(counts.closing)} {'is' if counts.closing == 1 else 'are'} still pending"
