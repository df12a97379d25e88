"""Rows that sum up others on a sheet, and what they say about a change in one of these."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.forms import Form
from etl.repairing.plans import Whole, plan_of

Counts = npt.NDArray[np.float64]

UNEXPLAINED = float(np.log(0.001))  # a column whose sum is still wrong after a change
_MOST_UNEXPLAINED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """A row that sums up others. `gaps`: by how much it exceeds their sum. *Missing*: NaN where it cannot be told."""

    position: int
    members: tuple[int, ...]
    counts: Counts
    gaps: Counts

    def follows(self, moved: Counts, form: Form, measures: Sequence[str]) -> bool:
        """Tell whether the sum is right once its rows change by `moved`: it was computed, or it was right all along."""
        if not np.any(_known(self.gaps)):
            return not np.any(moved) or _breaches(self.counts + moved, form, measures) == 0
        return not np.any(_known(self.gaps - moved)) and _breaches(self.counts, form, measures) == 0

    def agrees(self, moved: Counts) -> bool:
        """Tell whether the sum is that of its rows in every column that changes, once they change by `moved`."""
        return not np.any(_known(self.gaps - moved)[moved != 0])


def covers_of(rows: pd.DataFrame, sheet: npt.NDArray[np.intp], counts: Counts) -> tuple[Cover, ...]:
    """Find the sums of a sheet: totals of all fields or of a section, and groups with the fields below them."""
    kinds, systems = rows["kind"].iloc[sheet].tolist(), rows["source_system"].iloc[sheet].tolist()
    known = rows["field"].iloc[sheet].notna().tolist()
    fields = [i for i, kind in enumerate(kinds) if kind == "field"]
    found = []
    for i, kind in enumerate(kinds):
        if kind == "total":
            members = [k for k in fields if not systems[i] or systems[k] == systems[i]]
        elif kind == "group":
            end = next((k for k in range(i + 1, len(kinds)) if kinds[k] != "field" or not known[k]), len(kinds))
            members = list(range(i + 1, end))
        else:
            continue
        if members:
            found.append(_cover(int(sheet[i]), [int(sheet[k]) for k in members], counts))
    return tuple(found)


def _cover(position: int, members: list[int], counts: Counts) -> Cover:
    return Cover(position, tuple(members), counts[position], counts[position] - counts[members].sum(axis=0))


def evidence_of_totals(
    cover: Cover, change: Counts, moved: Counts | float, form: Form, measures: Sequence[str]
) -> float:
    """Weigh the change of a row against a sum over it, other rows having `moved`.

    Either the sum was typed, and is right once the row changes; or it was computed, and changes with the row.
    """
    typed = np.count_nonzero(_known(cover.gaps - moved - change)) + _breaches(cover.counts, form, measures)
    computed = np.count_nonzero(_known(cover.gaps)) + _breaches(cover.counts + moved + change, form, measures)
    return _penalty(min(int(typed), int(computed)))


def evidence_of_own(change: Counts, short: Counts) -> float:
    """Weigh a change of a sum itself, which is `short` of its rows by so much."""
    return _penalty(int(np.count_nonzero(_known(short - change))))


def _penalty(unexplained: int) -> float:
    return UNEXPLAINED * min(unexplained, _MOST_UNEXPLAINED)


def _known(gaps: Counts) -> Counts:
    return np.nan_to_num(gaps)


def _breaches(counts: Counts, form: Form, measures: Sequence[str]) -> int:
    """Count the constraints that a row of sums breaks."""
    reported: list[int] = np.flatnonzero(~np.isnan(counts)).tolist()
    plan = plan_of(form.balances, tuple(measures[i] for i in reported))
    row: Whole = counts[reported].astype(np.int64)
    return int(np.count_nonzero(plan.equations @ row) + np.count_nonzero(plan.bounds @ row < 0))
