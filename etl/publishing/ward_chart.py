"""The chart of wards: what each resolved in time and overdue, and what it still holds; who is missing is named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from etl.model import Language
from etl.phrases import label_measure, number_words
from etl.publishing.absences import find_absences, say_months
from etl.publishing.chart_canvas import (
    IN_TIME,
    INK,
    OVERDUE,
    PENDING,
    SMALL,
    SOFT,
    UNKNOWN,
    WIDTH,
    Chart,
    canvas,
    cut_text,
    drawable,
    dress,
    font,
    text_width,
    to_svg,
    wrap_text,
    write_legend,
)
from etl.publishing.published_tables import name_status, pick, whole_rows
from etl.publishing.release import Release
from etl.publishing.roles import Roles, find_roles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_UNITS = 40
_NAMES, _PAD, _RIGHT, _LEGEND, _BELOW = 2.1, 0.1, 0.1, 0.34, 0.3  # inches
_LINE, _TWO_LINES, _GAP, _REMARK = 0.23, 0.34, 0.12, 1.7


@dataclass(frozen=True, slots=True)
class Bar:
    """What the chart shows of a unit. `segments`: colour → count; `remark`: why the bar is hatched or not there."""

    name: str
    is_desk: bool
    total: int
    segments: tuple[tuple[str, int], ...]
    remark: str = ""


def draw_wards(release: Release, language: Language) -> Chart | None:
    """Draw a bar for each unit, the largest first, the desk apart. *Missing*: None where there is nothing to draw."""
    roles, bars = find_roles(release.reference.form), read_bars(release, language)
    if roles is None or not bars:
        return None
    shown = [*[b for b in bars if not b.is_desk][:MOST_UNITS], *[b for b in bars if b.is_desk]]
    names = [wrap_text(drawable(bar.name), _NAMES) for bar in shown]
    left = max(text_width(line) for name in names for line in name) + _PAD
    places = _places(shown, names)
    height = _LEGEND + places[-1] + _LINE + _BELOW
    with canvas(height, "wards") as figure:
        axes = figure.add_axes(
            (left / WIDTH, _BELOW / height, 1 - (left + _RIGHT) / WIDTH, 1 - (_LEGEND + _BELOW) / height)
        )
        axes.set_ylim(places[-1] + _LINE, -0.02)
        axes.set_xlim(0, _reach(shown, WIDTH - left - _RIGHT, release, language))
        dress(axes.xaxis, language)
        axes.set_yticks([])
        _draw_bars(axes, shown, [place + _LINE / 2 for place in places])
        for bar, name, place in zip(shown, names, places, strict=True):
            _write_words(axes, bar, place + _LINE / 2, words=_words(bar, release, language))
            axes.annotate("\n".join(name), (0, place + _LINE / 2), (-5, 0), textcoords="offset points",
                          ha="right", va="center", color=INK, linespacing=1.0, annotation_clip=False,
                          fontproperties=font())  # fmt: skip
        write_legend(figure, list(_handles(roles, shown, release, language)))
        return Chart(to_svg(figure), _alt(bars, shown, language), WIDTH, height)


def read_bars(release: Release, language: Language) -> list[Bar]:
    """Read what there is to draw: wards by size, then wards that are not in, then the desk."""
    roles, dataset = find_roles(release.reference.form), release.dataset
    if roles is None:
        return []
    rows = pd.concat([whole_rows(dataset, "ward"), whole_rows(dataset, "group")])
    coverage = dataset.coverage
    desks = {(r.unit_code, r.unit_name) for r in coverage[coverage["is_desk"]].itertuples(index=False)}
    remarks = _remarks(release, language)
    bars = [
        Bar(
            str(row["unit_name"]),
            unit in desks,
            *_segments(row, roles),
            remark=remarks.get(unit, "") or ("" if int(row["units_in"]) else name_status("missing", language)),
        )
        for row in rows.to_dict("records")
        for unit in [(row["unit_code"], row["unit_name"])]
    ]
    return sorted(bars, key=lambda bar: (bar.is_desk, not bar.segments and bool(bar.remark), -bar.total, bar.name))


def _segments(row: Any, roles: Roles) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Give the total of a bar and its parts; what was resolved with no word on time has a colour of its own."""

    def count(name: str | None) -> int | None:
        return None if name is None or pd.isna(row[name]) else int(row[name])

    in_time, overdue, done, closing = (
        count(name) for name in (roles.in_time, roles.overdue, roles.done, roles.closing)
    )
    parts = [(IN_TIME, in_time), (OVERDUE, overdue)]
    if done is not None and (in_time is None or overdue is None):
        parts = [(UNKNOWN, done)]
    known = tuple((colour, number) for colour, number in [*parts, (PENDING, closing)] if number is not None)
    return sum(number for _, number in known), known


def _remarks(release: Release, language: Language) -> dict[tuple[str, str], str]:
    """Say of each unit that is not wholly in why: no report, sent back, or which months are missing."""
    said: dict[tuple[str, str], str] = {}
    for absence in find_absences(release.dataset):
        words = name_status(absence.status, language)
        if not absence.is_whole:
            words = pick(language, "thiếu ", "without ") + say_months(absence.months, language)
        unit = (absence.unit_code, absence.unit_name)
        said[unit] = f"{said[unit]}; {words}" if unit in said else words
    return said


def _places(bars: Sequence[Bar], names: Sequence[Sequence[str]]) -> list[float]:
    """Place the rows from the top. *Units*: inches; a gap stands before the desk."""
    places, top = [], 0.0
    for i, (bar, name) in enumerate(zip(bars, names, strict=True)):
        extra = (_TWO_LINES - _LINE) / 2 if len(name) > 1 else 0.0
        top += extra + (_GAP if bar.is_desk and i and not bars[i - 1].is_desk else 0.0)
        places.append(top)
        top += _LINE + extra
    return places


def _words(bar: Bar, release: Release, language: Language) -> list[tuple[str, str, bool]]:
    """Give what stands behind a bar: its total, and what a bar this small cannot show. *Shape*: text, colour, bold."""
    parts = dict(bar.segments)
    if not parts:
        return [(drawable(bar.remark or pick(language, "không ghi số liệu", "no figures"), 90), SOFT, False)]
    words = [(number_words(bar.total, language), INK, True)]
    if late := parts.get(OVERDUE):
        words.append((pick(language, f"quá hạn {number_words(late, language)}",
                           f"{number_words(late, language)} overdue"), OVERDUE, False))  # fmt: skip
    if pending := parts.get(PENDING):
        words.append((pick(language, f"đang giải quyết {number_words(pending, language)}",
                           f"{number_words(pending, language)} pending"), SOFT, False))  # fmt: skip
    return [*words, (cut_text(drawable(bar.remark), _REMARK, SMALL), SOFT, False)] if bar.remark else words


def _reach(bars: Sequence[Bar], width: float, release: Release, language: Language) -> float:
    """Find how far the axis must go so that no words leave the picture."""
    reach = 1.0
    for bar in bars:
        words = sum(
            text_width(text, SMALL) * (1.12 if bold else 1) + 0.09 for text, _, bold in _words(bar, release, language)
        )
        reach = max(reach, bar.total * width / max(width - words - 0.05, 0.15 * width))
    return reach


def _draw_bars(axes: "Axes", bars: Sequence[Bar], middles: Sequence[float]) -> None:
    """Draw the parts of all bars at once: matplotlib looks over the whole axes for every call."""
    parts: list[tuple[float, int, int, str, str | None]] = []
    for bar, middle in zip(bars, middles, strict=True):
        start = 0
        for colour, count in bar.segments:
            parts.append((middle, count, start, colour, "////" if bar.remark else None))
            start += count
    if parts:
        places, counts, starts, colours, hatches = zip(*parts, strict=True)
        axes.barh(places, counts, 0.16, starts, color=colours, hatch=hatches, edgecolor="white", linewidth=0.4)


def _write_words(axes: "Axes", bar: Bar, middle: float, *, words: Sequence[tuple[str, str, bool]]) -> None:
    along = 4.0  # points behind the bar
    for text, colour, bold in words:
        axes.annotate(text, (bar.total, middle), (along, 0), textcoords="offset points", va="center", color=colour,
                      annotation_clip=False, fontproperties=font(SMALL, is_bold=bold))  # fmt: skip
        along += 72 * (text_width(text, SMALL) * (1.12 if bold else 1) + 0.07)


def _handles(roles: Roles, bars: Sequence[Bar], release: Release, language: Language) -> Iterator[Any]:
    from matplotlib.patches import Patch

    form, used = release.reference.form, {colour for bar in bars for colour, _ in bar.segments}
    labels = {
        IN_TIME: roles.in_time and label_measure(form, roles.in_time, language),
        OVERDUE: roles.overdue and label_measure(form, roles.overdue, language),
        UNKNOWN: label_measure(form, roles.done, language)
        + (pick(language, ", không rõ hạn", ", time not known") if roles.is_official else ""),
        PENDING: label_measure(form, roles.closing, language),
    }
    for colour, label in labels.items():
        if colour in used and label:
            yield Patch(facecolor=colour, edgecolor="#999999", linewidth=0.4, label=label[:1].upper() + label[1:])
    if any(bar.remark and bar.segments for bar in bars):
        label = pick(language, "Chưa đủ báo cáo", "Reports missing")
        yield Patch(facecolor=UNKNOWN, hatch="////", edgecolor="white", linewidth=0.4, label=label)


def _alt(bars: Sequence[Bar], shown: Sequence[Bar], language: Language) -> str:
    """Say the chart in words: how many units, the largest, and who is not in."""
    drawn = [bar for bar in bars if bar.segments]
    said = pick(language, f"Biểu đồ thanh của {len(bars)} đơn vị", f"Bar chart of {len(bars)} units")
    if drawn:
        most = max(drawn, key=lambda bar: bar.total)
        said += pick(language, ", nhiều nhất là ", ", most at ") + f"{most.name} ({number_words(most.total, language)})"
    if absent := [f"{bar.name} ({bar.remark})" for bar in bars if bar.remark]:
        said += "; " + ", ".join(absent[:10])
    if len(shown) < len(bars):
        said += pick(language, f"; chỉ vẽ {len(shown)} đơn vị", f"; only {len(shown)} are drawn")
    return said + pick(language, ". Số liệu có trong bảng.", ". The figures stand in the table.")
