"""The town's figures with what they are made from: what `town` builds and `publish` writes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import pandas as pd

from etl.periods import Period


class AdjustmentKind(StrEnum):
    """Why stocks and flows of several months do not follow from each other by themselves."""

    BREAK = "break"  # an opening stock is not the closing stock of the month before
    ABSENT = "absent"  # a month of the unit is not in the figures: its stocks come in or go out
    SUCCESSION = "succession"  # what the successors opened with is not what the units they were made from still held
    JOINED = "joined"  # a unit came to the town with its stock
    LEFT = "left"  # a unit ended and nobody in the town took its stock over
    UNREPORTED = "unreported"  # stocks in between are not reported; only their sum is known
    ROW = "row"  # within a month: a report whose own balance does not hold was accepted


ADJUSTMENT_COLUMNS = (
    "unit_code", "unit_name", "is_desk", "period_key", "field", "source_system", "amount", "kind",
)  # fmt: skip


def no_adjustments() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ADJUSTMENT_COLUMNS}).astype({"amount": "Int64", "is_desk": "bool"})


@dataclass(frozen=True, slots=True)
class Decision:
    """A finding accepted ("waiver") or a figure corrected ("correction") in a report that is in the figures.

    `field`: the code of the field it touches. *Missing*: None where it touches the whole report.
    """

    kind: str
    unit_code: str
    unit_name: str
    period_key: str
    field: str | None
    message_vi: str
    message_en: str


@dataclass(frozen=True, slots=True)
class TownDataset:
    """The town's figures for a period or a run of periods, and what they are made from.

    *Shape* of `frame`: scope ("ward", or "group" where figures are recast to the units of a later day; "wards", "desk",
    "town"), unit_code, unit_name ("" for sums; of a group, joined by " + "), field (a code, "unlisted", or "all" for
    the sum), source_system (a code, "" where the sheet names none, "all" for the sum), the measures (Int64), adjustment
    (Int64: what has to be added so that opening + received − resolved + adjustment = closing), units_expected =
    units_in + units_rejected + units_missing, of those in: units_late and units_waived (with an accepted finding),
    units_closed (ended within the period), is_partial, waived and corrected (how many findings of the reports in the
    figure were accepted, how many of their figures corrected). Lines by source system are there where any of the
    line's reports names one. *Missing*: <NA> where a reporting unit does not say.

    *Shape* of `coverage`: a row per unit and period: unit_code, unit_name, unit_kind, is_desk, period_key, expected,
    status ("accepted", "accepted with warnings", "rejected", "missing", "closed"), received_at, is_late (None: the
    period was never due), submission, findings, waived and corrected (how many of its findings were accepted, of its
    figures corrected), newer (name, received_at and why ("rejected", "waits") of a report that came after the
    accepted one and was sent back or waits for the operator; None), is_closed (the unit ended in this period, before
    the last day of them all; unless it lived to the last day of its own period it owes no report for it). A unit that
    is not expected and reported nevertheless stands here and is in no figure.

    *Shape* of `adjustments`: see `ADJUSTMENT_COLUMNS`; what the adjustments of "wards", "desk" and "town" consist of,
    none of them 0. The rows of a field and source system add up to the adjustment of that line. unit_name may name
    several units; period_key is the month that opens with it.

    `units_of`: the day to whose units the lines of units are recast; None: as they were. `outside`: the codes of the
    groups of which a part went to, or came from, outside the town: before that day their figures are only a bound.

    `as_of`: the moment whose knowledge it is; None: now.

    `fingerprint` names the state it was built from; `restated`: the last publication was built from another one.
    """

    period: Period
    periods: tuple[Period, ...]
    frame: pd.DataFrame
    coverage: pd.DataFrame
    fingerprint: str
    restated: bool
    decisions: tuple[Decision, ...] = ()
    adjustments: pd.DataFrame = field(default_factory=no_adjustments)
    units_of: date | None = None
    outside: tuple[str, ...] = ()
    as_of: datetime | None = None
