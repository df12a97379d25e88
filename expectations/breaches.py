"""Find where rows break the form's algebra: whole tables at a time, a chunk of rows after the other, nothing cut off.

The expectations in this package call these functions; `etl.check` puts what they return into words.
*Shape* of every frame taken: the rows of `etl.model.Report.frame`, one batch of reports on top of each
other, with `report` (int, which report of the batch) and a 0-based index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.forms import Balance, Constraint, constraints
from expectations.grouping import find_first, group_numbers

AT_ONCE = 32_768  # rows: their counts fit into a processor's cache, and what is computed from them is soon gone
SHEET = ["report", "sheet"]
Counts = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BalanceBreach:
    """The rows (positions in the frame) that break one constraint."""

    constraint: Constraint
    positions: Positions


def find_balance_breaches(frame: pd.DataFrame, balances: tuple[Balance, ...]) -> dict[str, list[BalanceBreach]]:
    """Judge every row by all that its reported measures allow to be judged; balance name → breaches.

    *Missing*: a measure a row does not report is bounded by the balances, never taken as 0.
    """
    measures = [m for m in dict.fromkeys(m for b in balances for m in b.coefficients) if m in frame]
    found: dict[frozenset[str], list[list[Positions]]] = {}
    for start in range(0, len(frame), AT_ONCE):
        counts = counts_of(frame, measures, slice(start, start + AT_ONCE)).T
        for reported, positions in _by_pattern(~np.isnan(counts)):
            names = frozenset(compress(measures, reported))
            judged = constraints(balances, names)
            rows = dict(zip(measures, counts[:, positions], strict=True))
            parts = found.setdefault(names, [[] for _ in judged])
            for part, constraint in zip(parts, judged, strict=True):
                part.append(start + positions[_is_broken(constraint, rows)])
    breaches: dict[str, list[BalanceBreach]] = {balance.name: [] for balance in balances}
    for names, parts in found.items():
        for part, constraint in zip(parts, constraints(balances, names), strict=True):
            if len(positions := np.concatenate(part)):
                breaches[constraint.balance].append(BalanceBreach(constraint, positions))
    return breaches


def counts_of(frame: pd.DataFrame, measures: Sequence[str], rows: slice | Positions = slice(None)) -> Counts:
    """Give the measures of some rows as one float matrix, rows × measures. *Missing*: NaN."""
    length = len(range(len(frame))[rows]) if isinstance(rows, slice) else len(rows)
    counts = np.empty((len(measures), length))
    for line, measure in zip(counts, measures, strict=True):
        line[:] = frame[measure].array[rows].to_numpy(dtype="float64", na_value=np.nan)
    return counts.T


def _by_pattern(reported: npt.NDArray[np.bool_]) -> list[tuple[npt.NDArray[np.bool_], Positions]]:
    """Group the columns of a matrix measures × rows by which measures are reported: few patterns, many rows."""
    codes = np.zeros(reported.shape[1], dtype=np.int64)
    for i, line in enumerate(reported):
        codes |= line.astype(np.int64) << i
    pattern, _ = pd.factorize(codes)
    ends = np.cumsum(np.bincount(pattern))
    groups = np.split(np.argsort(pattern, kind="stable"), ends[:-1])
    return [(reported[:, positions[0]], positions) for positions in groups]


def _is_broken(constraint: Constraint, counts: Mapping[str, Counts]) -> npt.NDArray[np.bool_]:
    """Tell which rows break a constraint on measures that all of them report."""
    gap = sum(counts[measure] if times == 1 else times * counts[measure] for measure, times in constraint.coefficients)
    return np.asarray(gap != 0 if constraint.is_equation else gap < 0)


def find_roll_forward_breaches(frame: pd.DataFrame, opening: str) -> pd.DataFrame:
    """Find rows whose opening stock is not the closing stock of the period before.

    Needs the column `previous` (Int64): that closing stock. *Missing*: no judgement.
    *Shape*: position, opening, previous.
    """
    if not {opening, "previous"} <= set(frame.columns):
        return pd.DataFrame({"position": [], "opening": [], "previous": []})
    differs = (frame[opening] != frame["previous"]).to_numpy(dtype=bool, na_value=False)
    positions = np.flatnonzero(differs & (frame["kind"] == "field").to_numpy())
    found = frame[[opening, "previous"]].iloc[positions]
    return pd.DataFrame({"position": positions, "opening": found[opening], "previous": found["previous"]})


def find_total_row_breaches(frame: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Find the sheet's own total rows that are not the sum of their field rows.

    A total row under a section heading is the sum of that source system, any other that of the whole sheet.
    *Missing*: where a field row is silent on a measure, a total below the sum of the others is a breach.
    *Shape*: position, measure, found, expected (int), is_bound.
    """
    totals, fields = (np.flatnonzero((frame["kind"] == kind).to_numpy()) for kind in ("total", "field"))
    is_part = frame["source_system"].iloc[totals].to_numpy() != ""
    found = [pd.DataFrame(columns=["position", "measure", "found", "expected", "is_bound"])]
    for printed, scope in ((totals[~is_part], SHEET), (totals[is_part], [*SHEET, "source_system"])):
        if len(printed):
            found.append(_total_breaches(frame, list(measures), (printed, fields), group_numbers(frame, scope)))
    return pd.concat(found, ignore_index=True)


def _total_breaches(
    frame: pd.DataFrame, measures: list[str], places: tuple[Positions, Positions], group: Positions
) -> pd.DataFrame:
    """Hold total rows against the sums of the field rows in the same group; `places`: the positions of both."""
    totals, fields = places
    groups, sums, is_silent = _sum_up(frame, measures, fields, group[fields])
    under = find_first(group[totals], among=groups)
    totals, under = totals[under >= 0], under[under >= 0]
    total, summed, at_least = counts_of(frame, measures, totals).T, sums[:, under], is_silent[:, under]
    differs = np.where(at_least, total < summed, total != summed) & ~np.isnan(total)
    measure, at = np.nonzero(differs)
    return pd.DataFrame(
        {
            "position": totals[at],
            "measure": np.array(measures, dtype=object)[measure],
            "found": total[differs],
            "expected": summed[differs],
            "is_bound": at_least[differs],
        }
    )


def _sum_up(
    frame: pd.DataFrame, measures: list[str], fields: Positions, group: Positions
) -> tuple[Positions, Counts, npt.NDArray[np.bool_]]:
    """Sum the rows at `fields` by group. *Shape*: the groups; measures × groups: sums, and where a row is silent."""
    order = np.argsort(group, kind="stable")
    fields, group = fields[order], group[order]
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    sums, is_silent = np.zeros((len(measures), len(starts))), np.zeros((len(measures), len(starts)), dtype=bool)
    ends = np.append(starts[1:], len(fields))
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(ends, starts[first] + AT_ONCE, "right")))
        counts = counts_of(frame, measures, fields[starts[first] : ends[last - 1]]).T
        silent, within = np.isnan(counts), starts[first:last] - starts[first]
        sums[:, first:last] = np.add.reduceat(np.where(silent, 0, counts), within, axis=1)
        is_silent[:, first:last] = np.logical_or.reduceat(silent, within, axis=1)
        first = last
    return group[starts], sums, is_silent


def find_facts(facts: pd.DataFrame) -> dict[str, list[int]]:
    """Gather what was already established, by rule. *Shape*: `facts` has one row each, with its `rule`."""
    return {str(rule): list(rows) for rule, rows in facts.groupby("rule", sort=False).indices.items()}
