"""The rules in polars: lazy frames, collected together."""

from functools import reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

import polars as pl

from bench.check.contender import run
from bench.check.rules import DOUBLED, LINE, LINE_OF_UNIT, MEASURES, NEGATIVE, PLACE, ROLL_FORWARD, SUMS, TOTAL_ROW, Sum


class Tables(NamedTuple):
    rows: pl.DataFrame
    before: pl.DataFrame


def load(folder: Path) -> Tables:
    return Tables(pl.read_parquet(folder / "rows.parquet"), pl.read_parquet(folder / "before.parquet"))


def find(tables: Tables) -> pl.DataFrame:
    rows = tables.rows.lazy()
    found = {rule.rule: rows.filter(is_broken(rule)) for rule in SUMS}
    found[NEGATIVE] = rows.filter(is_negative())
    found[DOUBLED] = rows.group_by(LINE).agg(pl.col("unit", "period").first(), pl.len()).filter(pl.col("len") > 1)
    found[TOTAL_ROW] = with_sums(rows).filter(is_no_sum())
    found[ROLL_FORWARD] = with_previous(rows, tables.before.lazy()).filter(does_not_continue())
    parts = [broken.select(*PLACE, pl.lit(rule).alias("rule")) for rule, broken in found.items()]
    return pl.concat(pl.collect_all(parts)).unique()


def is_broken(rule: Sum) -> pl.Expr:
    total, known = pl.col(rule.total), pl.sum_horizontal(*rule.parts)
    complete = reduce(or_, (pl.all_horizontal(pl.col(*parts).is_not_null()) for parts in rule.complete))
    return (total < known) | ((total > known) & complete)


def is_negative() -> pl.Expr:
    return pl.any_horizontal(pl.col(*MEASURES) < 0)


def with_sums(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Join the total rows with the sums of their rows, and whether each sum is only a part."""
    sums = [pl.col(m).sum().alias(f"sum_{m}") for m in MEASURES]
    parts = [(pl.col(m).null_count() > 0).alias(f"is_part_{m}") for m in MEASURES]
    grouped = rows.filter(pl.col("kind") == "field").group_by("report").agg(*sums, *parts)
    return rows.filter(pl.col("kind") == "total").join(grouped, on="report")


def is_no_sum() -> pl.Expr:
    def differs(measure: str) -> pl.Expr:
        total, summed, is_part = (pl.col(f"{kind}{measure}") for kind in ("", "sum_", "is_part_"))
        return (total < summed) | ((total > summed) & ~is_part)

    return pl.any_horizontal(*(differs(measure) for measure in MEASURES))


def with_previous(rows: pl.LazyFrame, before: pl.LazyFrame) -> pl.LazyFrame:
    """Join the rows of fields with what was pending before."""
    fields = rows.filter(pl.col("kind") == "field")
    earlier = fields.select("unit", "source_system", "field", pl.col("month") + 1, "pending_total")
    stocks = pl.concat([earlier, before.select(*LINE_OF_UNIT, "pending_total")]).rename({"pending_total": "previous"})
    return fields.join(stocks, on=LINE_OF_UNIT)


def does_not_continue() -> pl.Expr:
    return pl.col("carried_over") != pl.col("previous")


if __name__ == "__main__":
    run("polars", load, find, lambda found, path: found.write_parquet(path))
