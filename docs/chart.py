"""Draw what the town held at the end of each month: `python -m docs.chart [DATABASE_URL] [-o FILE]`.

An example to copy: one statement of docs/questions, one picture, no notebook. Without a URL it reads the warehouse of
this installation, as `ward-reports` does.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sqlalchemy import Engine, text

from etl.db import connect, open_engine
from etl.settings import Settings

QUESTION = Path(__file__).resolve().parent / "questions" / "stocks.sql"
RECEIVED, RESOLVED, HELD, INK = "#1f6f8b", "#d98324", "#8fa3ad", "#333333"


def read_months(engine: Engine) -> pd.DataFrame:
    """Ask the question as the role `reader`. *Shape*: a row a month, the earliest first; see the statement."""
    with engine.connect() as conn:
        conn.execute(text("SET ROLE reader"))
        months = pd.DataFrame(conn.exec_driver_sql(QUESTION.read_text("utf-8")).mappings().all())
    numbers = months.drop(columns="month").astype("Int64")
    return numbers.assign(month=pd.to_datetime(months["month"], format="%Y-%m")).sort_values("month", ignore_index=True)


def draw_months(months: pd.DataFrame) -> Figure:
    """Draw what came in and went out above what was held. A month that lacks a ward is drawn hollow."""
    figure = Figure(figsize=(10, 5.6), dpi=110, layout="constrained")
    flows, stocks = figure.subplots(2, sharex=True)
    flows.plot(
        months["month"], months["received"].astype(float), color=RECEIVED, lw=4, alpha=0.5, label="tiếp nhận · received"
    )
    flows.plot(months["month"], months["resolved"].astype(float), color=RESOLVED, label="đã giải quyết · resolved")
    flows.set_title("Hồ sơ mỗi tháng · dossiers of each month", loc="left", fontsize=11)
    _draw_stocks(stocks, months)
    for axes in (flows, stocks):
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False, ncols=3, loc="upper right", fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
        axes.margins(y=0.2)
    return figure


def _draw_stocks(axes: Axes, months: pd.DataFrame) -> None:
    """Draw a bar a month, and above it what no flow explains."""
    partial = months["units_in"] < months["units_expected"]
    for chosen, face, label in (
        (~partial, HELD, "đủ báo cáo · complete"),
        (partial, "none", "thiếu báo cáo · partial"),
    ):
        if chosen.any():
            of_kind = months[chosen]
            held = of_kind["held_after"].astype(float)
            axes.bar(of_kind["month"], held, width=22, facecolor=face, edgecolor=HELD, label=label)
    moved = months[months["adjustment"].fillna(0) != 0]
    for month, held, count in zip(moved["month"], moved["held_after"], moved["adjustment"], strict=True):
        signed = f"{count:+d}".replace("-", "−")
        axes.annotate(signed, (month, held), (0, 4), textcoords="offset points", ha="center", color=INK)
    title = "Đang giải quyết cuối tháng, điều chỉnh · held at the end of the month, adjustments in figures"
    axes.set_title(title, loc="left", fontsize=11)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url", nargs="?", help="default: the warehouse of this installation")
    parser.add_argument("-o", "--output", type=Path, default=Path("stocks.png"))
    given = parser.parse_args(arguments)
    engine = connect(given.database_url) if given.database_url else open_engine(Settings.from_env(os.environ))
    draw_months(read_months(engine)).savefig(given.output, metadata={"Software": None})


if __name__ == "__main__":
    main()
