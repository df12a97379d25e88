"""The rules in plain pandas, as one would write them down."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from bench.check.contender import run
from bench.check.rules import DOUBLED, LINE, LINE_OF_UNIT, MEASURES, NEGATIVE, PLACE, ROLL_FORWARD, SUMS, TOTAL_ROW, Sum


class Tables(NamedTuple):
    rows: pd.DataFrame
    before: pd.DataFrame


def load(folder: Path) -> Tables:
    counts = dict.fromkeys(MEASURES, "Int64")
    rows = pd.read_parquet(folder / "rows.parquet").astype(counts)
    return Tables(rows, pd.read_parquet(folder / "before.parquet").astype({"pending_total": "Int64"}))


def find(tables: Tables) -> pd.DataFrame:
    rows = tables.rows
    found = {rule.rule: is_broken(rows, rule) for rule in SUMS}
    found[NEGATIVE] = (rows[list(MEASURES)] < 0).any(axis=1)
    found[DOUBLED] = rows.duplicated(list(LINE))
    parts = [rows.loc[broken.fillna(False).astype(bool), PLACE].assign(rule=rule) for rule, broken in found.items()]
    parts.append(_total_rows(rows).assign(rule=TOTAL_ROW))
    parts.append(with_previous(tables).query("carried_over != previous")[PLACE].assign(rule=ROLL_FORWARD))
    return pd.concat(parts, ignore_index=True).drop_duplicates()


def is_broken(rows: pd.DataFrame, rule: Sum) -> pd.Series:
    """Tell which rows break a sum."""
    total, known = rows[rule.total], rows[list(rule.parts)].fillna(0).sum(axis=1)
    is_complete = np.any([rows[list(parts)].notna().all(axis=1) for parts in rule.complete], axis=0)
    broken: pd.Series = (total < known) | ((total > known) & is_complete)
    return broken


def with_previous(tables: Tables) -> pd.DataFrame:
    """Join the rows of fields with what was pending before, where both are known."""
    fields = tables.rows[tables.rows["kind"] == "field"]
    earlier = fields[[*LINE_OF_UNIT, "pending_total"]].assign(month=fields["month"] + 1)
    stocks = pd.concat([earlier, tables.before[earlier.columns]]).rename(columns={"pending_total": "previous"})
    joined = fields[[*PLACE, "month", "carried_over"]].merge(stocks.drop_duplicates(LINE_OF_UNIT), on=LINE_OF_UNIT)
    return joined.dropna(subset=["carried_over", "previous"])


def _total_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the places of total rows that are not the sum of their rows."""
    totals = rows[rows["kind"] == "total"].set_index("report")
    grouped = rows[rows["kind"] == "field"].groupby("report")[list(MEASURES)]
    sums, counted = (of.reindex(totals.index) for of in (grouped.sum(), grouped.count()))
    printed, is_whole = totals[list(MEASURES)], counted.eq(grouped.size().reindex(totals.index), axis=0)
    broken = (printed < sums) | ((printed > sums) & is_whole)
    return totals.loc[broken.fillna(False).any(axis=1), PLACE]


if __name__ == "__main__":
    run("pandas", load, find, lambda found, path: found.to_parquet(path, index=False))
