"""The rules by pandera on polars: one schema, a check a rule, validated lazily so that every failure is listed.

The sums of total rows and what was pending before are joined by polars first, as columns; the expressions are those of
the polars program.
"""

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from bench.check import with_polars as by_polars
from bench.check.contender import run
from bench.check.rules import DOUBLED, KEYS, LINE, NEGATIVE, PLACE, ROLL_FORWARD, SUMS, TOTAL_ROW


def find(tables: by_polars.Tables) -> pl.DataFrame:
    rows = _with_joined(tables)
    try:
        _schema().validate(rows, lazy=True)
    except SchemaErrors as errors:
        failed = errors.failure_cases.select(pl.col("check").alias("rule"), pl.col("index").cast(pl.UInt32))
    else:
        return pl.DataFrame(schema=dict.fromkeys(KEYS, pl.String))
    placed = rows.select(PLACE).with_row_index()
    return failed.join(placed, on="index").select(KEYS).unique()


def _schema() -> pa.DataFrameSchema:
    broken = {rule.rule: by_polars.is_broken(rule) for rule in SUMS} | {
        NEGATIVE: by_polars.is_negative(),
        DOUBLED: pl.struct(LINE).is_duplicated(),
        TOTAL_ROW: by_polars.is_no_sum(),
        ROLL_FORWARD: by_polars.does_not_continue(),
    }
    return pa.DataFrameSchema(checks=[_check(rule, expression) for rule, expression in broken.items()])


def _check(rule: str, broken: pl.Expr) -> pa.Check:
    return pa.Check(lambda given: given.lazyframe.select(~broken.fill_null(False)), name=rule)


def _with_joined(tables: by_polars.Tables) -> pl.DataFrame:
    rows = tables.rows.lazy()
    sums = by_polars.with_sums(rows).select("report", "kind", "^sum_.*$", "^is_part_.*$")
    previous = by_polars.with_previous(rows, tables.before.lazy()).select("report", *LINE[1:], "kind", "previous")
    joined = rows.join(sums, on=["report", "kind"], how="left", maintain_order="left")
    return joined.join(previous.unique(), on=[*LINE, "kind"], how="left", maintain_order="left").collect()


if __name__ == "__main__":
    run("pandera", by_polars.load, find, lambda found, path: found.write_parquet(path))
