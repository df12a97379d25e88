"""The chart of months: what came in and was resolved as bars, what was still held as a line; partial months hatched."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from etl.model import Language
from etl.phrases import label_measure, name_period, number_words
from etl.publishing.chart_canvas import (
    INK,
    RECEIVED,
    RESOLVED,
    SMALL,
    SOFT,
    STOCK,
    WIDTH,
    Chart,
    canvas,
    drawable,
    dress,
    font,
    text_width,
    to_svg,
    write_legend,
)
from etl.publishing.published_tables import pick
from etl.publishing.release import Release
from etl.publishing.roles import Roles, find_roles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEIGHT, _RIGHT = 2.85, 0.1  # inches
_PANELS = ((1.12, 1.5), (0.42, 0.52))  # bottom and height of the bars, and of the line below them, in inches
_BAR = 0.36  # of the distance between two months
_FEWEST_SLOTS = 4  # so that one month is no wall
MOST_LABELLED = 7  # months up to which each bar has its number
MOST_COUNTED = 18  # up to which each stock has its number, and each partial month says how many units are in it


@dataclass(frozen=True, slots=True)
class Month:
    """What the chart shows of a month. *Missing*: None where it is not reported."""

    key: str
    received: int | None
    resolved: int | None
    stock: int | None
    units: str  # "15/16" where it is partial, else ""


def draw_months(release: Release, language: Language) -> Chart | None:
    """Draw the months of a release. *Missing*: None where there are none, or the form has no flows to draw."""
    roles, months = find_roles(release.reference.form), read_months(release)
    if roles is None or not months:
        return None
    most = max([count for m in months for count in (m.received, m.resolved) if count is not None], default=0)
    held = max([m.stock for m in months if m.stock is not None], default=0)
    left = text_width(number_words(10 * max(most, held), language), SMALL) + 0.12
    with canvas(_HEIGHT, "months") as figure:
        places = [
            (left / WIDTH, bottom / _HEIGHT, 1 - (left + _RIGHT) / WIDTH, tall / _HEIGHT) for bottom, tall in _PANELS
        ]
        flows, stocks = (figure.add_axes(place) for place in places)
        room = 1.32 if any(month.units for month in months) and len(months) <= MOST_COUNTED else 1.15
        for axes, top, ticks in ((flows, most, 5), (stocks, held, 2)):
            middle, slots = (len(months) - 1) / 2, max(len(months), _FEWEST_SLOTS)
            axes.set_xlim(middle - slots / 2 - 0.1, middle + slots / 2 + 0.1)
            axes.set_ylim(0, max(top, 1) * (room if axes is flows else 1.45))
            dress(axes.yaxis, language, ticks=ticks)
            axes.set_xticks([])
        _draw_flows(flows, months, language)
        _draw_stocks(stocks, months, language)
        _write_months(stocks, months, language)
        write_legend(figure, list(_handles(roles, months, release, language)))
        return Chart(to_svg(figure), _alt(months, language), WIDTH, _HEIGHT)


def read_months(release: Release) -> list[Month]:
    """Read the months of the town as a whole, the oldest first."""
    roles, table = find_roles(release.reference.form), release.months
    if roles is None or table.empty:
        return []
    scopes = [scope for scope in ("town", "wards", "desk") if (table["scope"] == scope).any()]
    names = (roles.incoming, roles.done, roles.closing)
    rows = table[table["scope"] == scopes[0]].to_dict("records") if scopes else []

    counts = [[None if pd.isna(row[name]) else int(row[name]) for name in names] for row in rows]
    units = [f"{int(row['units_in'])}/{int(row['units_expected'])}" if row["is_partial"] else "" for row in rows]
    return [
        Month(str(row["period_key"]), three[0], three[1], three[2], said)
        for row, three, said in zip(rows, counts, units, strict=True)
    ]


def _draw_flows(axes: "Axes", months: Sequence[Month], language: Language) -> None:
    hatch = "////" if len(months) <= MOST_COUNTED else "//////"
    bars = [
        (place + side * _BAR / 2, count, colour, hatch if month.units else None)
        for place, month in enumerate(months)
        for side, count, colour in ((-1, month.received, RECEIVED), (1, month.resolved, RESOLVED))
        if count is not None
    ]
    if bars:  # all at once: matplotlib looks over the whole axes for every call
        middles, counts, colours, hatches = zip(*bars, strict=True)
        axes.bar(middles, counts, _BAR, color=colours, hatch=hatches, edgecolor="white", linewidth=0.3)
    for middle, count, *_ in bars if len(months) <= MOST_LABELLED else ():
        _write(axes, (middle, count), 6, number_words(count, language))
    for place, month in enumerate(months):
        if month.units and len(months) <= MOST_COUNTED:
            top = max(month.received or 0, month.resolved or 0)
            _write(axes, (place, top), 16 if len(months) <= MOST_LABELLED else 6, month.units, is_bold=True)


def _draw_stocks(axes: "Axes", months: Sequence[Month], language: Language) -> None:
    """Draw the stock as a line over a scale of its own; it breaks where a month does not say it."""
    stocks = [float("nan") if month.stock is None else float(month.stock) for month in months]
    size = 2.0 if len(months) > MOST_COUNTED else 4.0
    axes.plot(range(len(months)), stocks, color=STOCK, linewidth=1.3, marker="o", markersize=size, clip_on=False)
    for place, month in enumerate(months):
        if month.stock is not None and len(months) <= MOST_COUNTED:
            _write(axes, (place, month.stock), 8, number_words(month.stock, language), colour=STOCK)


def _write(
    axes: "Axes", place: tuple[float, float], above: float, text: str, *, colour: str = SOFT, is_bold: bool = False
) -> None:
    """Write a short text above a place, or below it. *Units*: `above` is in points."""
    axes.annotate(text, place, (0, above), textcoords="offset points", ha="center", va="center", color=colour,
                  fontproperties=font(SMALL, is_bold=is_bold), annotation_clip=False)  # fmt: skip


def _write_months(axes: "Axes", months: Sequence[Month], language: Language) -> None:
    """Name the months below the axis, as many as fit, and each year once."""
    step = next((by for by, most in ((1, MOST_COUNTED), (3, 40), (6, 80)) if len(months) <= most), 12)
    last_year = ""
    for place, month in enumerate(months):
        match = re.fullmatch(r"(\d{4})-(\d{2})", month.key)
        if match is None:
            if place % max(1, len(months) // 6) == 0:
                _write(axes, (place, 0), -11, drawable(name_period(month.key, language), 24))
            continue
        year, number = match[1], int(match[2])
        if (number - 1) % step == 0 or len(months) == 1:
            _write(axes, (place, 0), -11, f"T{number}" if language is Language.VI else _SHORT[number - 1])
        if year != last_year and (number <= 10 or len(months) - place > 3 or place == 0):
            _write(axes, (place, 0), -23, year, colour=INK, is_bold=True)
        last_year = year


_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _handles(roles: Roles, months: Sequence[Month], release: Release, language: Language) -> Iterator[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names = (roles.incoming, roles.done, roles.closing)
    received, resolved, stock = (
        label[:1].upper() + label[1:] for label in (label_measure(release.reference.form, n, language) for n in names)
    )
    yield Patch(facecolor=RECEIVED, label=received)
    yield Patch(facecolor=RESOLVED, label=resolved)
    yield Line2D([], [], color=STOCK, marker="o", markersize=4, linewidth=1.5, label=stock)
    if any(month.units for month in months):
        label = pick(language, "Tháng chưa đủ báo cáo", "Month with reports missing")
        yield Patch(facecolor=SOFT, hatch="////", edgecolor="white", linewidth=0.3, label=label)


def _alt(months: Sequence[Month], language: Language) -> str:
    """Say the chart in words: month by month where they are few, else the first and the last."""
    told = months if len(months) <= 13 else [months[0], months[-1]]

    def words(count: int | None) -> str:
        return number_words(count, language)

    lines = [
        name_period(m.key, language)
        + pick(language, ": tiếp nhận ", ": received ") + words(m.received)
        + pick(language, ", giải quyết ", ", resolved ") + words(m.resolved)
        + pick(language, ", còn ", ", pending ") + words(m.stock)
        + (f" ({m.units})" if m.units else "")
        for m in told
    ]  # fmt: skip
    head = pick(language, f"Biểu đồ {len(months)} tháng. ", f"Chart of {len(months)} months. ")
    return head + "; ".join(lines) + "."
