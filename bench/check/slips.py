"""The slips that made reports contain: which cells of a row change how, and the one rule that this breaks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.check.rules import DOUBLED, MEASURES, NEGATIVE, ROLL_FORWARD

Counts = npt.NDArray[np.int64]
Cells = dict[str, Counts]
ABSENT = np.iinfo(np.int64).min  # stands for a cell without a figure until the table is written
PRINTED = {
    "2020": frozenset(MEASURES) - {"received_in_period", "resolved_in_time"},
    "2017": frozenset(MEASURES) - {"received_online", "received_direct", "resolved_early", "resolved_on_time"},
    "plain": frozenset({"received_total", "carried_over", "resolved_total", "resolved_overdue"}),
}
EDITIONS = tuple(PRINTED)


@dataclass(frozen=True, slots=True)
class Slip:
    """One way to get a row of an edition wrong: what its cells become, given the cells and a small number."""

    kind: str
    edition: str
    breaks: str | None
    change: Callable[[Cells, Counts], Cells]


def _of_sheets(edition: str, *, received: str, done: str) -> Iterator[Slip]:
    """Give the slips that both official sheets know; `received` and `done` are parts which that edition prints."""
    yield Slip("received", edition, "B.received", lambda c, n: _more(c, n, received))
    yield Slip("resolved", edition, "B.resolved", lambda c, n: _more(c, n, "resolved_overdue"))
    yield Slip("pending", edition, "B.pending", lambda c, n: _more(c, n, "pending_in_time"))
    yield Slip("flow", edition, "B.flow", lambda c, n: _more(c, n, "resolved_total", done))
    grown = ("received_total", "resolved_total", done)
    yield Slip("opening", edition, ROLL_FORWARD, lambda c, n: _more(c, n, "carried_over", *grown))
    yield Slip(TOTAL, edition, None, lambda c, n: _more(c, n, received, *grown))  # of a sheet's total row alone


def _of_2020() -> Iterator[Slip]:
    def more_than_received(c: Cells, n: Counts) -> Cells:
        direct = c["received_total"] - c["carried_over"] + n
        return {"received_online": _absent(n), "received_direct": direct}

    def blank(c: Cells, n: Counts) -> Cells:
        return {"resolved_early": _absent(n), "resolved_on_time": c["resolved_in_time"]}

    def negative(c: Cells, n: Counts) -> Cells:
        return {"resolved_on_time": -n, "resolved_early": c["resolved_in_time"] + n}

    yield Slip("sub-total", "2020", "B.received", more_than_received)
    yield Slip("blank", "2020", None, blank)
    yield Slip("negative", "2020", NEGATIVE, negative)


def _of_2017() -> Iterator[Slip]:
    def more_than_pending(c: Cells, n: Counts) -> Cells:
        return {"pending_in_time": _absent(n), "pending_overdue": c["pending_total"] + n}

    def blank(c: Cells, n: Counts) -> Cells:
        return {"pending_overdue": _absent(n), "pending_in_time": c["pending_total"]}

    def negative(c: Cells, n: Counts) -> Cells:
        return {"resolved_in_time": -n, "resolved_overdue": c["resolved_total"] + n}

    yield Slip("sub-total", "2017", "B.pending", more_than_pending)
    yield Slip("blank", "2017", None, blank)
    yield Slip("negative", "2017", NEGATIVE, negative)


def _of_plain() -> Iterator[Slip]:
    yield Slip("received", "plain", "B.received", lambda c, n: {"carried_over": c["received_total"] + n})
    yield Slip("resolved", "plain", "B.resolved", lambda c, n: {"resolved_overdue": c["resolved_total"] + n})
    yield Slip("flow", "plain", "B.flow", lambda c, n: {"resolved_total": c["received_total"] + n})
    yield Slip("negative", "plain", NEGATIVE, lambda _, n: {"carried_over": -n})


def _more(cells: Cells, by: Counts, *measures: str) -> Cells:
    return {measure: cells[measure] + by for measure in measures}


def _absent(like: Counts) -> Counts:
    return np.full_like(like, ABSENT)


TOTAL, DOUBLE = "total row", "doubled"
SLIPS = (
    *_of_sheets("2020", received="received_online", done="resolved_on_time"),
    *_of_sheets("2017", received="received_in_period", done="resolved_in_time"),
    *_of_2020(),
    *_of_2017(),
    *_of_plain(),
    *(Slip(DOUBLE, edition, DOUBLED, lambda _, __: {}) for edition in EDITIONS),
)
KINDS = tuple(dict.fromkeys(slip.kind for slip in SLIPS if slip.kind != TOTAL))
