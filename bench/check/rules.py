"""The rules that all contenders are given, named as our findings name them. Imports nothing: every environment has it.

In: the balances of a row, exact where all parts of a total are reported, else as bounds (with `pending_total` absent,
B.flow says that no more is resolved than was received); no count below zero; no line twice in a report; the sheet's
total row is the sum of its rows; the opening stock is the closing stock of the month before.
"""

from typing import NamedTuple

MEASURES = (
    "received_total",
    "received_in_period",
    "received_online",
    "received_direct",
    "carried_over",
    "resolved_total",
    "resolved_in_time",
    "resolved_early",
    "resolved_on_time",
    "resolved_overdue",
    "pending_total",
    "pending_in_time",
    "pending_overdue",
)
KEYS = ("unit", "period", "source_system", "field", "rule")
PLACE = list(KEYS[:4])
LINE = ("report", "source_system", "field")
LINE_OF_UNIT = ["unit", "source_system", "field", "month"]


class Sum(NamedTuple):
    """A total is at least what is reported of its parts, and exactly that where one of `complete` is all there."""

    rule: str
    total: str
    parts: tuple[str, ...]
    complete: tuple[tuple[str, ...], ...]


SUMS = (
    Sum(
        "B.received",
        "received_total",
        ("received_in_period", "received_online", "received_direct", "carried_over"),
        (("received_in_period", "carried_over"), ("received_online", "received_direct", "carried_over")),
    ),
    Sum(
        "B.resolved",
        "resolved_total",
        ("resolved_in_time", "resolved_early", "resolved_on_time", "resolved_overdue"),
        (("resolved_in_time", "resolved_overdue"), ("resolved_early", "resolved_on_time", "resolved_overdue")),
    ),
    Sum(
        "B.pending",
        "pending_total",
        ("pending_in_time", "pending_overdue"),
        (("pending_in_time", "pending_overdue"),),
    ),
    Sum("B.flow", "received_total", ("resolved_total", "pending_total"), (("resolved_total", "pending_total"),)),
)
NEGATIVE, DOUBLED, TOTAL_ROW, ROLL_FORWARD = "V.negative", "S.row-doubled", "T.total-row", "C.roll-forward"
