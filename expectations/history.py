"""Find flows that leave what the same unit has reported before: whole tables at a time, one pass.

*Source*: M. A. Hidiroglou and J.-M. Berthelot, "Statistical editing and imputation for periodic business surveys",
Survey Methodology 12 (1986), 73–83: ratios of successive values, made symmetric around their median and weighed by
size, are held against their own quartiles. There the ratios of one period are compared over all units; here those of
one unit are compared over its past, because a town is small and its wards differ. That alone would ask too often after
small figures, after the season and after an odd period before, so a figure must also be far from each thing it could
be expected to be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

MOST_PERIODS, FEWEST_PERIODS = 24, 8  # of the past that a figure is held against
SHOWN_PERIODS = 12  # of them that are told as what is usual
USUAL = (0.1, 0.9)  # from which share of them to which: one odd period is not usual
GUARD = 0.5  # added to both sides of a ratio, so that nothing is divided by nothing
WEIGHT = 0.5  # Hidiroglou and Berthelot's U: with it the effect of chance is the same for figures of every size
LEAST_SPREAD = 0.95  # how far a quartile of the effects lies from their median where counts vary by chance alone
LEAST_SHARE = 0.05  # their A: the least spread, as a share of the median effect
ALLOWED = 5.0  # their C: how many such spreads an effect may lie off
ALLOWED_NOISE = 4.0  # how many times chance, and the scatter of its own past, a figure may lie off what is expected
FEWEST_DOSSIERS = 10.0  # a difference smaller than that is nobody's question
YEAR = 365.25
SEASON_SLACK = 16.0  # days by which the same period a year ago may be off

WHOLE = "all"  # the field of the line that sums a report up
LINE = ["unit", "kind", "source_system", "field"]
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Past:
    """Figures to judge and the past of each, newest first. *Missing*: NaN. `ages`: days between both starts."""

    present: Figures
    past: Figures
    ages: Figures


def find_history_breaches(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Find the figures that leave their unit's own past.

    *Shape* of `table`: a row per unit (str), kind (of period), start (datetime64), source_system and field, the
    measures (float64), and is_judged: whether the row is to be judged, or only past. Of what is found: position (in
    the table), measure, found, expected (what comes nearest), low and high (what is usual of late), suspicion (how many
    times the allowed distance it lies off, > 1), periods (that low and high are of).
    *Missing*: a figure that is not reported is neither judged nor past.
    """
    found = pd.concat([_judge(table, measure) for measure in measures], ignore_index=True)
    return _asked_once(found, table)


def _asked_once(found: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Keep the most suspicious figure of each line, and of a whole report only what none of its lines shows."""
    worst = found.sort_values("suspicion", ascending=False, kind="stable").drop_duplicates("position")
    lines = table[["unit", "kind", "start", "field"]].iloc[worst["position"]]
    is_whole = (lines["field"] == WHOLE).to_numpy(dtype=bool)
    is_alone = is_whole & lines.assign(is_whole=is_whole).groupby(["unit", "kind", "start"])["is_whole"].transform(
        "all"
    )
    kept: pd.DataFrame = worst[(~is_whole | is_alone).to_numpy()]
    return kept.sort_values("position", kind="stable").reset_index(drop=True)


def _judge(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    positions, known = _with_past(table, measure)
    band = _off_band(known)
    expected, distance = _nearest_expectation(known)
    suspicion = np.minimum(band, distance)
    odd = suspicion > 1
    recent = known.past[odd, :SHOWN_PERIODS]
    return pd.DataFrame(
        {
            "position": positions[odd],
            "measure": measure,
            "found": known.present[odd],
            "expected": np.round(expected[odd]),
            "low": np.round(_quantile(recent, USUAL[0])),
            "high": np.round(_quantile(recent, USUAL[1])),
            "suspicion": suspicion[odd],
            "periods": (~np.isnan(recent)).sum(axis=1),
        }
    )


def _with_past(table: pd.DataFrame, measure: str) -> tuple[npt.NDArray[np.int64], _Past]:
    """Give the positions of the figures to judge that have past enough, and that past."""
    rows = table[[*LINE, "start", "is_judged"]].assign(value=table[measure].to_numpy(dtype="float64", na_value=np.nan))
    rows = rows.assign(position=np.arange(len(rows))).dropna(subset=["value"])
    rows = rows.assign(line=rows.groupby(LINE, sort=False).ngroup())
    rows = rows.sort_values(["line", "start", "is_judged"], kind="stable")
    line, value, start = (rows[name].to_numpy() for name in ("line", "value", "start"))
    days = start.astype("datetime64[D]").astype("float64")
    judged = np.flatnonzero(rows["is_judged"].to_numpy(dtype=bool))
    before = judged[:, None] - np.arange(1, MOST_PERIODS + 1)[None, :]
    back = before.clip(min=0)
    inside = (before >= 0) & (line[back] == line[judged][:, None]) & (days[back] < days[judged][:, None])
    past = np.where(inside, value[back], np.nan)
    ages = np.where(inside, days[judged][:, None] - days[back], np.nan)
    enough = inside.sum(axis=1) >= FEWEST_PERIODS
    known = _Past(value[judged][enough], past[enough], ages[enough])
    return rows["position"].to_numpy()[judged][enough], known


def _off_band(known: _Past) -> Figures:
    """Give how far the ratio to the last period lies outside of what its past ratios allow, in units of that."""
    series = np.column_stack([known.present, known.past])
    ratios = (series[:, :-1] + GUARD) / (series[:, 1:] + GUARD)
    sizes = np.fmax(series[:, :-1], series[:, 1:]) + GUARD
    middle = _quantile(ratios[:, 1:], 0.5)[:, None]
    symmetric = np.where(ratios < middle, 1 - middle / ratios, ratios / middle - 1)
    effects = symmetric * sizes**WEIGHT
    low, median, high = (_quantile(effects[:, 1:], share) for share in (0.25, 0.5, 0.75))
    least = np.maximum(LEAST_SPREAD, np.abs(LEAST_SHARE * median))
    off = effects[:, 0] - median
    spread = np.where(off < 0, np.maximum(median - low, least), np.maximum(high - median, least))
    return np.asarray(np.abs(off) / (ALLOWED * spread))


def _nearest_expectation(known: _Past) -> tuple[Figures, Figures]:
    """Give what comes nearest to each figure of all it could be expected to be, and how far off it lies.

    That is: the last figure and its usual growth, the usual level, the same season of earlier years. How far off is
    told in units of what is allowed: by the chance of counting, and by how much the unit's own figures vary, be it
    from one to the next (less than around their level where there is a season) or around their level (less than from
    one to the next where all is chance).
    """
    level = _quantile(known.past[:, :SHOWN_PERIODS], 0.5)
    steps = np.log(known.past[:, :-1] + GUARD) - np.log(known.past[:, 1:] + GUARD)
    growth = _quantile(steps, 0.5)
    expected = np.column_stack(
        [(known.past[:, 0] + GUARD) * np.exp(growth) - GUARD, level, *(_season(known, years) for years in (1, 2))]
    ).clip(min=0)
    of_steps = _scatter(steps - growth[:, None])
    of_level = _scatter(np.log(known.past + GUARD) - np.log(level + GUARD)[:, None])
    scatter = np.minimum(of_steps, of_level)[:, None]
    present = known.present[:, None]
    counted = np.abs(present - expected) / np.maximum(ALLOWED_NOISE * np.sqrt(expected + 1), FEWEST_DOSSIERS)
    varied = np.abs(np.log(present + GUARD) - np.log(expected + GUARD))
    varied /= ALLOWED_NOISE * np.fmax(scatter, 1 / np.sqrt(expected + 1))
    distance = np.minimum(counted, varied)
    nearest = np.argmin(np.where(np.isnan(distance), np.inf, distance), axis=1)
    at = np.arange(len(distance)), nearest
    return expected[at], distance[at]


def _scatter(differences: Figures) -> Figures:
    """Give the standard deviation that differences would have by their middle or by their tails, the larger one."""
    sizes = np.abs(differences)
    return np.maximum(_quantile(sizes, 0.5) / 0.6745, _quantile(sizes, 0.9) / 1.645)


def _season(known: _Past, years: int) -> Figures:
    """Give the figure of the same season some years ago. *Missing*: NaN where that period is not known."""
    is_then = np.abs(known.ages - years * YEAR) < SEASON_SLACK
    last = np.where(is_then, known.past, -1.0).max(axis=1, initial=-1.0)
    return np.where(is_then.any(axis=1), last, np.nan)


def _quantile(rows: Figures, share: float) -> Figures:
    """Give a quantile of each row, its missing values left out: linear between neighbours."""
    ordered = np.sort(rows, axis=1)  # NaN last
    at = share * (np.count_nonzero(~np.isnan(rows), axis=1) - 1)
    lower = np.floor(at).astype(np.int64)
    upper = np.ceil(at).astype(np.int64)
    each = np.arange(len(rows))
    return np.asarray(ordered[each, lower] + (at - lower) * (ordered[each, upper] - ordered[each, lower]))
