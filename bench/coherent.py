"""Make up coherent sheets of realistic sizes: a few large fields, many small numbers, many zeros."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

MEASURES = (
    "received_total", "received_online", "received_direct", "carried_over",
    "resolved_total", "resolved_early", "resolved_on_time", "resolved_overdue",
    "pending_total", "pending_in_time", "pending_overdue",
)  # fmt: skip
BLOCKS = {0: (1, 2, 3), 4: (5, 6, 7), 8: (9, 10)}
TOTAL_OF = {part: total for total, parts in BLOCKS.items() for part in parts}
OPENING, CLOSING = 3, 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report: its rows, what the period before ended with and what the one after opens with."""

    rows: Counts
    before: Counts
    after: Counts


def make_sheet(rng: np.random.Generator, *, continues: float, fields: int = 0) -> Sheet:
    """Make up one report; `continues` is how often a stock is that of the neighbouring period. 0 fields: a few."""
    fields = fields or int(rng.integers(6, 15))
    size = np.exp(rng.normal(2.6, 1.7, fields))  # the median field has 13 dossiers, one in ten more than a hundred
    received = rng.poisson(size)
    slow = rng.choice([0.0, 0.03, 0.15], fields, p=[0.4, 0.35, 0.25])
    carried = rng.poisson(size * slow)
    at_hand = received + carried
    pending = np.minimum(at_hand, rng.poisson(size * slow))
    resolved = at_hand - pending
    online = rng.binomial(received, rng.choice([0.0, 0.1, 0.5, 0.9], fields, p=[0.3, 0.3, 0.25, 0.15]))
    overdue = rng.binomial(resolved, rng.choice([0.0, 0.02, 0.1], fields, p=[0.7, 0.2, 0.1]))
    early = rng.binomial(resolved - overdue, rng.choice([0.0, 0.3, 0.7], fields, p=[0.2, 0.4, 0.4]))
    late = rng.binomial(pending, rng.choice([0.0, 0.3], fields, p=[0.8, 0.2]))
    columns = (
        at_hand, online, received - online, carried,
        resolved, early, resolved - overdue - early, overdue,
        pending, pending - late, late,
    )  # fmt: skip
    return Sheet(np.column_stack(columns), _near(rng, carried, continues), _near(rng, pending, continues))


def _near(rng: np.random.Generator, stock: Counts, continues: float) -> Counts:
    """Give what the neighbouring period says of a stock: mostly the same."""
    odd = rng.poisson(stock + 1.5)
    return np.where(rng.random(len(stock)) < continues, stock, odd)


def with_totals(rows: Counts) -> Counts:
    """Compute the totals of each row from their parts, as formulas do."""
    computed = rows.copy()
    for total, parts in BLOCKS.items():
        computed[:, total] = computed[:, parts].sum(axis=1)
    return computed


def is_broken(row: Counts) -> bool:
    """Tell whether a row breaks a balance."""
    return bool((with_totals(row[None, :])[0] != row).any() or row[0] != row[4] + row[8])
