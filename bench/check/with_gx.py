"""The rules by Great Expectations' own expectations on pandas, with the columns that name a row in every result.

They know no arithmetic between columns, so what a row lacks or has too much is computed beside it first (`_with_gaps`).
"""

import os
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.core.expect_column_pair_values_to_be_equal import ExpectColumnPairValuesToBeEqual
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import ExpectCompoundColumnsToBeUnique

from bench.check.contender import run
from bench.check.rules import (
    DOUBLED,
    LINE,
    LINE_OF_UNIT,
    MEASURES,
    NEGATIVE,
    PLACE,
    ROLL_FORWARD,
    SUMS,
    TOTAL_ROW,
)
from bench.check.with_pandas import Tables, load


def find(tables: Tables) -> pd.DataFrame:
    """Give the keys of what a checkpoint's result lists. *Shape*: KEYS."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("reports").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": _with_gaps(tables)})
    suite = gx.ExpectationSuite("rules", expectations=_expectations())
    wanted = {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": PLACE,
        "return_unexpected_index_query": False,
    }
    outcomes = batch.validate(suite, result_format=wanted)
    return pd.concat([_keys(outcome) for outcome in outcomes.results], ignore_index=True).drop_duplicates()


def _keys(outcome: Any) -> pd.DataFrame:
    if outcome.exception_info.get("raised_exception"):
        raise RuntimeError(outcome.exception_info)
    listed = outcome.result["unexpected_index_list"] or []
    return pd.DataFrame(listed, columns=PLACE).assign(rule=outcome.expectation_config.meta["rule"])


def _expectations() -> list[Any]:
    def none_of(column: str, rule: str) -> Any:
        return ExpectColumnValuesToBeBetween(column=column, min_value=0, max_value=0, meta={"rule": rule})

    return [
        *(none_of(rule.rule, rule.rule) for rule in SUMS),
        *(ExpectColumnValuesToBeBetween(column=measure, min_value=0, meta={"rule": NEGATIVE}) for measure in MEASURES),
        *(none_of(f"total {measure}", TOTAL_ROW) for measure in MEASURES),
        ExpectCompoundColumnsToBeUnique(column_list=list(LINE), meta={"rule": DOUBLED}),
        ExpectColumnPairValuesToBeEqual(
            column_A="carried_over",
            column_B="previous",
            ignore_row_if="either_value_is_missing",
            meta={"rule": ROLL_FORWARD},
        ),
    ]


def _with_gaps(tables: Tables) -> pd.DataFrame:
    """Put beside each row what breaks a rule: 0 where nothing does, missing where nothing can be said."""
    rows = tables.rows
    gaps: dict[str, pd.Series] = {}
    for rule in SUMS:
        gap = rows[rule.total] - rows[list(rule.parts)].fillna(0).sum(axis=1)
        is_complete = np.any([rows[list(parts)].notna().all(axis=1) for parts in rule.complete], axis=0)
        gaps[rule.rule] = gap.where(is_complete, gap.clip(upper=0))
    is_total = rows["kind"] == "total"
    totals = rows[is_total].set_index("report")
    of_report = rows[~is_total].groupby("report")[list(MEASURES)]
    sums, counted = (of.reindex(totals.index) for of in (of_report.sum(), of_report.count()))
    is_whole = counted.eq(of_report.size().reindex(totals.index), axis=0)
    for measure in MEASURES:
        gap = totals[measure] - sums[measure]
        gap = gap.where(is_whole[measure], gap.clip(upper=0))
        gaps[f"total {measure}"] = gap.set_axis(rows.index[is_total]).reindex(rows.index)
    earlier = rows.loc[~is_total, [*LINE_OF_UNIT, "pending_total"]].assign(month=rows["month"] + 1)
    stocks = pd.concat([earlier, tables.before[earlier.columns]]).drop_duplicates(LINE_OF_UNIT)
    previous = rows[LINE_OF_UNIT].merge(stocks, on=LINE_OF_UNIT, how="left")["pending_total"]
    return rows.assign(**gaps, previous=previous.where(~is_total))


if __name__ == "__main__":
    run("gx", load, find, lambda found, path: found.to_parquet(path, index=False))
