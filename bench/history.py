"""Measure the questions about history: `python -m bench.history`. False alarms on honest series, slips that are seen.

The series are made up, from a fixed seed: wards of very different sizes, a dozen fields of which a few hold most
dossiers, growth, a season of its own for each field, a new year in which little happens, chance beyond that of pure
counting, and now and then a month that really was extraordinary or a level that really changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.injected import outcomes
from expectations.history import FEWEST_PERIODS, MOST_PERIODS, WHOLE, find_history_breaches

SEED, UNITS, MONTHS, FIELDS = 20220414, 400, 36, 12
MEASURES = ("received", "resolved")
SIZES = ((0, 10), (10, 50), (50, 200), (200, 1000), (1000, 10**9))
SLIPS = ("×10", "÷10", "one digit wrong", "digits swapped", "digit missing", "digit added")
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """Figures of many wards. *Shape*: unit × field × month each."""

    received: Figures
    resolved: Figures


@dataclass(frozen=True, slots=True)
class Scene:
    """How wild the series are: shares of lines a month that are extraordinary, or stay at another level."""

    name: str
    season: float
    scatter: float
    extraordinary: float
    moved: float


SCENES = (
    Scene("calm", season=0.1, scatter=0.05, extraordinary=0, moved=0),
    Scene("strong season", season=0.35, scatter=0.1, extraordinary=0, moved=0),
    Scene("wild", season=0.4, scatter=0.25, extraordinary=0, moved=0),
    Scene("real changes", season=0.3, scatter=0.15, extraordinary=0.001, moved=0.001),
)
SEASONAL, ROUNDS = SCENES[1], 20


def make_series(scene: Scene, rng: np.random.Generator) -> Series:
    """Make series of wards of every size; most are small."""
    shape = (UNITS, FIELDS, MONTHS)
    size = rng.lognormal(mean=4.5, sigma=1.3, size=(UNITS, 1, 1))
    share = rng.dirichlet(1 / np.arange(1, FIELDS + 1), size=UNITS)[:, :, None]
    month = np.arange(MONTHS)[None, None, :]
    growth = np.exp(rng.normal(0, 0.15, (UNITS, 1, 1)) * month / 12)
    wave = np.cos(2 * np.pi * (month - rng.uniform(0, 12, (1, FIELDS, 1))) / 12)
    season = np.exp(scene.season * rng.uniform(0.2, 1.5, (1, FIELDS, 1)) * wave)
    new_year = np.where(month % 12 == 1, 1 - scene.season, 1.0)
    odd = np.where(rng.random(shape) < scene.extraordinary, rng.uniform(2, 4, shape), 1.0)
    steps = np.where(rng.random(shape) < scene.moved, rng.choice([0.4, 2.5], shape), 1.0)
    mean = size * share * growth * season * new_year * odd * np.cumprod(steps, axis=2)
    received = rng.poisson(mean * rng.gamma(1 / scene.scatter**2, scene.scatter**2, shape)).astype("float64")
    pending = rng.binomial(received.astype(int), rng.beta(2, 12, (UNITS, 1, 1)))
    before = np.concatenate([pending[:, :, :1], pending[:, :, :-1]], axis=2)
    return Series(received, before + received - pending)


def compose_table(series: Series, *, last_only: bool) -> pd.DataFrame:
    """Lay the series out as `find_history_breaches` takes them, with the line that sums each report up."""
    both = zip(MEASURES, (series.received, series.resolved), strict=True)
    stacked = {measure: np.concatenate([f, f.sum(axis=1, keepdims=True)], axis=1) for measure, f in both}
    units, fields, months = stacked[MEASURES[0]].shape
    names = np.array([*(f"f{i}" for i in range(FIELDS)), WHOLE])
    starts = pd.date_range("2020-01-15", periods=months, freq="MS").to_numpy()
    unit, field, month = (axis.ravel() for axis in np.indices((units, fields, months)))
    table = {
        "unit": unit.astype("str"),
        "kind": "0000-00",
        "start": starts[month],
        "source_system": "",
        "field": names[field],
        "is_judged": (month == months - 1) if last_only else (month >= FEWEST_PERIODS),
    }
    return pd.DataFrame(table | {m: figures.ravel() for m, figures in stacked.items()})


def count_false_alarms(series: Series) -> tuple[float, float]:
    """Count the questions per 1000 reports, and the share of reports with any, where every figure is honest."""
    table = compose_table(series, last_only=False)
    found = find_history_breaches(table, MEASURES)
    reports = UNITS * (MONTHS - FEWEST_PERIODS)
    asked = table[["unit", "start"]].iloc[found["position"]].drop_duplicates()
    return 1000 * len(found) / reports, 1000 * len(asked) / reports


def slip(kind: str, figure: int, rng: np.random.Generator) -> int | None:
    """Mistype a figure. *Missing*: None where it cannot be mistyped like that."""
    if kind == "×10":
        return figure * 10 or None
    if kind == "÷10":
        return figure // 10 if figure >= 10 else None
    typed = outcomes(kind, figure, [])
    return int(rng.choice(typed)) if typed else None


def measure_slips(series: Series, kind: str, rng: np.random.Generator) -> Iterator[tuple[int, int, bool]]:
    """Mistype one figure of the last month of each ward; tell what it was, became, and whether it is asked about."""
    typed, said = series.received.copy(), {}
    for unit in range(UNITS):
        field = int(rng.integers(FIELDS))
        figure = int(typed[unit, field, -1])
        wrong = slip(kind, figure, rng)
        if wrong is not None:
            typed[unit, field, -1] = wrong
            said[str(unit), f"f{field}"] = (figure, wrong)
    table = compose_table(Series(typed, series.resolved), last_only=True)
    found = table.iloc[find_history_breaches(table, MEASURES)["position"]]
    asked = set(zip(found["unit"], found["field"], strict=True))
    for key, (figure, wrong) in said.items():
        yield figure, wrong, key in asked


def main() -> None:
    """Print both tables."""
    print(f"{UNITS} wards, {MONTHS} months, {FIELDS} fields; at most {MOST_PERIODS} periods of past\n")
    print("| honest series | questions per 1000 reports | reports with any |\n|---|--:|--:|")
    for scene in SCENES:
        asked, reports = count_false_alarms(make_series(scene, np.random.default_rng(SEED)))
        print(f"| {scene.name} | {asked:.1f} | {reports:.1f} |")
    heads = [f"{low}–{high - 1}" if high < 10**9 else f"{low}–" for low, high in SIZES]
    print(
        f"\n| slip, by size of the figure; scene: {SEASONAL.name} | {' | '.join(heads)} |\n|---|{'--:|' * len(SIZES)}"
    )
    for kind in SLIPS:
        rng = np.random.default_rng(SEED)
        told = [seen for _ in range(ROUNDS) for seen in measure_slips(make_series(SEASONAL, rng), kind, rng)]
        print(f"| {kind} | {' | '.join(_share_seen(told, low, high) for low, high in SIZES)} |")


def _share_seen(told: list[tuple[int, int, bool]], low: int, high: int) -> str:
    seen = [is_seen for figure, _, is_seen in told if low <= figure < high]
    return f"{100 * np.mean(seen):.0f} % of {len(seen)}" if seen else "–"


if __name__ == "__main__":
    main()
