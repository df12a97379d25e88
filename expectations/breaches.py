"""Find where rows break the form's algebra: whole tables at a time, one pass, nothing cut off.

The expectations in this package call these functions; `etl.check` puts what they return into words.
*Shape* of every frame taken: the rows of `etl.model.Report.frame`, one batch of reports on top of each
other, with `report` (int, which report of the batch) and a 0-based index.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.forms import Balance, Constraint, constraints


@dataclass(frozen=True, slots=True)
class BalanceBreach:
    """The rows (positions in the frame) that break one constraint."""

    constraint: Constraint
    positions: npt.NDArray[np.int64]


def find_balance_breaches(frame: pd.DataFrame, balances: tuple[Balance, ...]) -> dict[str, list[BalanceBreach]]:
    """Judge every row by all that its reported measures allow to be judged; balance name → breaches.

    *Missing*: a measure a row does not report is bounded by the balances, never taken as 0.
    """
    measures = [m for m in dict.fromkeys(m for b in balances for m in b.coefficients) if m in frame]
    counts = counts_of(frame, measures)
    breaches: dict[str, list[BalanceBreach]] = {balance.name: [] for balance in balances}
    for reported, positions in _by_pattern(~np.isnan(counts)):
        names = [m for m, is_reported in zip(measures, reported, strict=True) if is_reported]
        rows = counts[positions]
        for constraint in constraints(balances, frozenset(names)):
            gap = sum(c * rows[:, measures.index(m)] for m, c in constraint.coefficients)
            broken = gap != 0 if constraint.is_equation else gap < 0
            if np.any(broken):
                breaches[constraint.balance].append(BalanceBreach(constraint, positions[broken]))
    return breaches


def counts_of(frame: pd.DataFrame, measures: Sequence[str]) -> npt.NDArray[np.float64]:
    """Give the measures as one float matrix, rows × measures. *Missing*: NaN."""
    if not len(frame) or not measures:
        return np.empty((len(frame), len(measures)))
    return np.column_stack([frame[m].to_numpy(dtype="float64", na_value=np.nan) for m in measures])


def _by_pattern(reported: npt.NDArray[np.bool_]) -> list[tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]]:
    """Group rows by which measures they report: few patterns, many rows."""
    if not len(reported):
        return []
    codes = reported @ (1 << np.arange(reported.shape[1], dtype=np.int64))
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return [(reported[first[i]], np.flatnonzero(inverse == i)) for i in range(len(first))]


def find_roll_forward_breaches(frame: pd.DataFrame, opening: str) -> pd.DataFrame:
    """Find rows whose opening stock is not the closing stock of the period before.

    Needs the column `previous` (Int64): that closing stock. *Missing*: no judgement.
    *Shape*: position, opening, previous.
    """
    if not {opening, "previous"} <= set(frame.columns):
        return pd.DataFrame({"position": [], "opening": [], "previous": []})
    broken = (frame["kind"] == "field") & (frame[opening] != frame["previous"]).fillna(False)
    positions = np.flatnonzero(broken.to_numpy(dtype=bool))
    found = frame.iloc[positions]
    return pd.DataFrame({"position": positions, "opening": found[opening], "previous": found["previous"]})


def find_total_row_breaches(frame: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Find the sheet's own total rows that are not the sum of their field rows.

    A total row under a section heading is the sum of that source system, any other that of the whole sheet.
    *Missing*: where a field row is silent on a measure, a total below the sum of the others is a breach.
    *Shape*: position, measure, found, expected (int), is_bound.
    """
    totals = _with_scope(frame[frame["kind"] == "total"])
    fields = frame[frame["kind"] == "field"]
    parts = pd.concat([fields.assign(scope=""), _with_scope(fields[fields["source_system"] != ""])])
    grouped = parts.groupby(["report", "sheet", "scope"], sort=False)
    sums, counted, rows = grouped[list(measures)].sum(), grouped[list(measures)].count(), grouped.size()
    keys = pd.MultiIndex.from_frame(totals[["report", "sheet", "scope"]])
    found = [_total_breaches(m, totals[m], sums[m].reindex(keys), (counted[m] < rows).reindex(keys)) for m in measures]
    return pd.concat(found, ignore_index=True)


def _with_scope(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(scope=frame["source_system"])


def _total_breaches(measure: str, printed: pd.Series, expected: pd.Series, is_bound: pd.Series) -> pd.DataFrame:
    """Compare one measure of the total rows with the sum of what they stand under."""
    total, summed = (s.to_numpy(dtype="float64", na_value=np.nan) for s in (printed, expected))
    at_least = is_bound.to_numpy(dtype=bool, na_value=False)
    broken = np.flatnonzero(np.where(at_least, total < summed, total != summed) & ~np.isnan(total) & ~np.isnan(summed))
    return pd.DataFrame(
        {
            "position": printed.index.to_numpy()[broken],
            "measure": measure,
            "found": total[broken],
            "expected": summed[broken],
            "is_bound": at_least[broken],
        }
    )


def find_facts(facts: pd.DataFrame) -> dict[str, list[int]]:
    """Gather what was already established, by rule. *Shape*: `facts` has one row each, with its `rule`."""
    return {str(rule): list(rows) for rule, rows in facts.groupby("rule", sort=False).indices.items()}
