"""The peer of the questions: the same answers by pandas, each from one CSV that it reads anew, as a notebook does."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, text

WIDE = """
SELECT
    figure.*, unit.unit_name, unit.unit_code, unit.is_desk, unit.latest_key,
    period.period_start, period.year, period.quarter
FROM fact_figure AS figure
JOIN dim_unit AS unit ON unit.unit_key = figure.unit_key
JOIN dim_period AS period ON period.period_key = figure.period_key
WHERE period.period_kind = 'month'
"""
PUBLISHED = "SELECT period_key, number, content FROM publication"
LINE = ["period_key", "scope", "unit_code", "unit_name", "field", "source_system"]


def write_csvs(engine: Engine, folder: Path) -> dict[str, Path]:
    """Write the figures that count, and all that was ever published, as a notebook would find them."""
    with engine.connect() as conn:
        figures = pd.read_sql(text(WIDE), conn)
        entries = conn.execute(text(PUBLISHED)).all()
    published = pd.concat(
        pd.DataFrame(entry.content["rows"], columns=entry.content["columns"]).assign(
            period_key=entry.period_key, number=entry.number
        )
        for entry in entries
    )
    paths = {"figures": folder / "figures.csv", "published": folder / "published.csv"}
    figures.to_csv(paths["figures"], index=False)
    published.to_csv(paths["published"], index=False)
    return paths


def ask_in_time(csv: Path) -> pd.DataFrame:
    figures = pd.read_csv(csv)
    keys = ["year", "quarter", "unit_code", "unit_name"]
    sums = figures[~figures["is_desk"]].groupby(keys)[["resolved_in_time", "resolved_total"]].sum().reset_index()
    rate = (100 * sums["resolved_in_time"] / sums["resolved_total"]).round(2)
    return sums.rename(columns={"resolved_in_time": "in_time", "resolved_total": "resolved"}).assign(in_time_rate=rate)


def ask_stocks(csv: Path) -> pd.DataFrame:
    figures = pd.read_csv(csv)
    columns = ["carried_over", "received_in_period", "resolved_total", "pending_total"]
    sums = figures.groupby("period_key")[columns].sum().reset_index()
    before = sums["pending_total"].shift().fillna(sums["carried_over"])
    change = sums["pending_total"] - before
    adjustment = change - sums["received_in_period"] + sums["resolved_total"]
    return sums.rename(columns={"resolved_total": "resolved"}).assign(change=change, adjustment=adjustment)


def ask_delays(csv: Path) -> pd.DataFrame:
    figures = pd.read_csv(csv)
    sums = figures.groupby("field")[["resolved_total", "resolved_overdue"]].sum().reset_index()
    last = figures[figures["period_start"] == figures["period_start"].max()]
    held = last.groupby("field")["pending_overdue"].sum()
    sums = sums.assign(
        overdue_rate=(100 * sums["resolved_overdue"] / sums["resolved_total"]).round(2),
        share=(100 * sums["resolved_overdue"] / sums["resolved_overdue"].sum()).round(2),
        held_overdue=sums["field"].map(held),
    )
    return sums.rename(columns={"resolved_total": "resolved"}).sort_values("resolved_overdue", ascending=False)


def ask_latest_wards(csv: Path) -> pd.DataFrame:
    figures = pd.read_csv(csv)
    figures = figures[~figures["is_desk"]]
    columns = ["received_in_period", "resolved_total", "resolved_in_time"]
    sums = figures.groupby(["latest_key", "year"])[columns].sum()
    last = figures[figures["period_start"] == figures.groupby("year")["period_start"].transform("max")]
    held = last.groupby(["latest_key", "year"])["pending_total"].sum().rename("held_at_end")
    return sums.join(held).reset_index().rename(columns={"resolved_total": "resolved"})


def ask_restated(csv: Path) -> pd.DataFrame:
    published = pd.read_csv(csv, keep_default_na=False, na_values={"received_total": [""]})
    whole = published[
        (published["scope"] == "town") & (published["field"] == "all") & (published["source_system"] == "all")
    ]
    measures = [name for name in whole.columns if name.startswith(("received", "carried", "resolved", "pending"))]
    long = whole.melt(id_vars=[*LINE, "number"], value_vars=measures, var_name="measure", value_name="count")
    long["count"] = pd.to_numeric(long["count"])
    both = long.merge(long.assign(number=long["number"] + 1), on=[*LINE, "number", "measure"], suffixes=("", "_before"))
    changed = both[both["count"] != both["count_before"]]
    return changed.assign(change=changed["count"] - changed["count_before"])


ASK: dict[str, tuple[str, Callable[[Path], pd.DataFrame], str]] = {  # question → its CSV, how, a column to compare by
    "in_time": ("figures", ask_in_time, "resolved"),
    "stocks": ("figures", ask_stocks, "resolved"),
    "delays": ("figures", ask_delays, "resolved"),
    "latest_wards": ("figures", ask_latest_wards, "resolved"),
    "restated": ("published", ask_restated, "change"),
}
