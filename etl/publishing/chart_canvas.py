"""What both charts share: one font for every machine, colours, and a picture that is the same for the same figures.

matplotlib is imported inside the functions: it costs half a second, and only a publication draws. Every text is drawn
as outlines of matplotlib's own DejaVu Sans, so a picture needs no font and no network where it is looked at. The
colours differ in lightness too: they hold in grey print and for colour-blind eyes.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.model import Language
from etl.phrases import clean, number_words

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

WIDTH = 7.0  # inches: what fits across A4
INK, SOFT, GRID = "#222222", "#5f6368", "#e3e3e3"
IN_TIME, OVERDUE, PENDING, UNKNOWN = "#6baed6", "#8c2d04", "#dcdcdc", "#a6b1bd"
RECEIVED, RESOLVED, STOCK = "#b3cfe6", "#2c6fa6", "#8c2d04"
SMALL, NORMAL = 7.5, 8.5  # points


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and what it says to those who cannot see it. *Units*: inches."""

    svg: bytes
    alt: str
    width: float
    height: float


@contextmanager
def canvas(height: float, name: str) -> Iterator["Figure"]:
    """Give an empty figure under settings that make its SVG reproducible; no text of it is taken for mathematics."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rules: Any = {
        "svg.fonttype": "path",
        "svg.hashsalt": name,
        "text.parse_math": False,
        "hatch.linewidth": 0.9,
        "axes.linewidth": 0.6,
    }
    with rc_context(rules):
        yield Figure(figsize=(WIDTH, height), facecolor="white")


def to_svg(figure: "Figure") -> bytes:
    """Write a figure as SVG without a date."""
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return stream.getvalue()


@cache
def font(size: float = NORMAL, *, is_bold: bool = False) -> "FontProperties":
    """Give the font that matplotlib brings along, by its file: the same on every machine."""
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontProperties

    name = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    return FontProperties(fname=Path(get_data_path(), "fonts", "ttf", name), size=size)


def drawable(text: str, most: int = 60) -> str:
    """Make a text fit for a picture: one line, and a box for every character that the font lacks."""
    from matplotlib.font_manager import get_font

    face = get_font(str(font().get_file()))
    return "".join(c if face.get_char_index(ord(c)) else "\u25a1" for c in clean(text, most))


@cache
def text_width(text: str, size: float = NORMAL) -> float:
    """Measure a line. *Units*: inches."""
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, font(size), False)
    return float(width) / 72


def wrap_text(text: str, width: float, size: float = NORMAL) -> list[str]:
    """Break a line between words so that each part fits a width, at most in two; the second may end in "…"."""
    words, lines = text.split(), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    kept = [*lines[:1], " ".join(lines[1:])] if len(lines) > 1 else lines
    return [cut_text(line, width, size) for line in kept]


def cut_text(line: str, width: float, size: float = NORMAL) -> str:
    """Shorten a line to a width. *Units*: inches."""
    if text_width(line, size) <= width:
        return line
    while line and text_width(line + "…", size) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def write_legend(figure: "Figure", handles: Sequence[Any]) -> None:
    """Write the legend at the top left, in one row where it fits, else in rows of three."""
    labels = [str(handle.get_label()) for handle in handles]
    fits = sum(text_width(label, SMALL) + 0.42 for label in labels) < WIDTH
    figure.legend(
        handles=list(handles), loc="upper left", bbox_to_anchor=(0.005, 1 - 0.04 / figure.get_figheight()),
        ncols=len(handles) if fits else 3, prop=font(SMALL), frameon=False, borderpad=0, borderaxespad=0,
        handlelength=1.4, columnspacing=1.2, labelspacing=0.35, labelcolor=INK,
    )  # fmt: skip


def dress(axis: "Axis", language: Language, *, ticks: int = 5) -> None:
    """Write counts along an axis as the language does, softly, with lines across the chart."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(ticks, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda count, _: number_words(count, language)))
    axis.set_tick_params(length=0, pad=3, colors=SOFT)
    for label in axis.get_ticklabels():
        label.set_fontproperties(font(SMALL))
    axis.grid(visible=True, color=GRID, linewidth=0.6)
    axis.axes.set_axisbelow(True)
    base = "left" if axis is axis.axes.xaxis else "bottom"
    for side, spine in axis.axes.spines.items():
        spine.set_visible(side == base)
        spine.set_color(SOFT)
