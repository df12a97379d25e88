"""Which of several reports of one unit and period counts: the newest by what the reports say of themselves.

A file that merely arrives last does not win by accident. What happened is followed in the order in which it happened:
files arrive, operators rule. So the order of loading makes no difference, and the same events give the same again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from etl.model import OwnDate


class Stand(StrEnum):
    """How an accepted report stands beside the others of its unit and period."""

    COUNTS = "counts"
    REPLACED = "replaced"
    OLDER = "older"
    WAITS = "waits"
    SET_ASIDE = "set aside"
    REFUSED = "refused"


class Cause(StrEnum):
    """Why a report waits for the operator."""

    NONE = ""
    CLOSED = "closed"  # it changes a closed period
    UNDATED = "undated"  # it cannot be told whether it is the newer one


@dataclass(frozen=True, slots=True)
class Standing:
    stand: Stand
    cause: Cause = Cause.NONE


@dataclass(frozen=True, slots=True)
class Contender:
    """A report as its file was last read. `modified_at`: when the file was last changed, as it was delivered.

    `has_stood`: it was accepted once, whatever it is now.
    """

    submission: str
    received_at: datetime
    is_accepted: bool
    content_sha256: str
    own_date: OwnDate
    modified_at: datetime | None = None
    has_stood: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """An operator's word on a report."""

    submission: str
    is_counted: bool
    made_at: datetime


def stand_reports(
    contenders: Sequence[Contender], rulings: Sequence[Ruling], closes_at: datetime | None
) -> dict[str, Standing]:
    """Say how each report stands, by submission. At most one counts.

    `closes_at`: after it a report that changes the figures waits for the operator. *Missing*: None, never.
    """
    last = {ruling.submission: ruling for ruling in sorted(rulings, key=lambda ruling: ruling.made_at)}
    stands = {c.submission: Standing(Stand.SET_ASIDE if c.is_accepted else Stand.REFUSED) for c in contenders}
    running = [c for c in contenders if c.is_accepted and (c.submission not in last or last[c.submission].is_counted)]
    by_submission = {contender.submission: contender for contender in running}
    first_at = min((c.received_at for c in contenders if c.is_accepted or c.has_stood), default=None)
    counting, yardstick = "", None
    for _, is_ruled, submission in sorted(_events(by_submission, last)):
        contender = by_submission[submission]
        is_closed = closes_at is not None and contender.received_at > closes_at and contender.received_at != first_at
        standing = Standing(Stand.COUNTS) if is_ruled else _weigh(contender, yardstick, is_closed=is_closed)
        if standing.stand is Stand.COUNTS:
            if counting:
                stands[counting] = Standing(Stand.REPLACED)
            counting, yardstick = submission, _newer(contender, yardstick, is_ruled=is_ruled)
        stands[submission] = standing
    return stands


def _events(contenders: Mapping[str, Contender], rulings: Mapping[str, Ruling]) -> list[tuple[datetime, bool, str]]:
    """List what happened: (when, whether an operator ruled, on which submission); nobody rules on what is not there."""
    arrivals = [(c.received_at, False, c.submission) for c in contenders.values()]
    ruled = [
        (max(ruling.made_at, contenders[submission].received_at), True, submission)
        for submission, ruling in rulings.items()
        if submission in contenders
    ]
    return arrivals + ruled


def _weigh(new: Contender, counting: Contender | None, *, is_closed: bool) -> Standing:
    """Say how a report stands that has just arrived, beside the one that counts.

    `is_closed`: it came after the period was closed, and is not the first one.
    """
    if counting is not None and new.content_sha256 == counting.content_sha256:
        return Standing(Stand.COUNTS)
    order = _order(new, counting) if counting else 1
    if order == -1:
        return Standing(Stand.OLDER)
    if is_closed:
        return Standing(Stand.WAITS, Cause.CLOSED)
    return Standing(Stand.COUNTS) if order == 1 else Standing(Stand.WAITS, Cause.UNDATED)


def _newer(new: Contender, before: Contender | None, *, is_ruled: bool) -> Contender:
    """Choose by whose date the next report is measured: the same figures sent again must not make them older."""
    if before is None or is_ruled or new.content_sha256 != before.content_sha256:
        return new
    return new if _order(new, before) == 1 else before


def _order(new: Contender, old: Contender) -> int:
    """Tell whether a report is newer (1) or older (-1) than another; 0 where it cannot be told.

    What stands in the reports goes before the date of the file, which copying may change; where they contradict
    themselves nothing is told.
    """
    inside = {
        _sign(new.own_date.revision, old.own_date.revision),
        _sign(new.own_date.signed_on, old.own_date.signed_on),
        _sign(new.own_date.saved_at, old.own_date.saved_at),
    } - {0}
    if inside:
        return inside.pop() if len(inside) == 1 else 0
    return _sign(new.modified_at, old.modified_at)


def _sign(new: Any, old: Any) -> int:
    """Compare two dates or numbers. *Missing*: 0 where either is."""
    return 0 if new is None or old is None else (new > old) - (new < old)
