"""Hold the sums of a town's dataset against their parts: units, fields, source systems.

*Shape* of the lines: `etl.town_dataset.TownDataset.frame`, and on the lines of units is_desk and has_opening, has_flow
and has_closing: whether a report of the first, of any, and of the last period is in. *Missing*: a sum with a part that
is not known is not judged; nor, in what is said by field, the units whose fields do not make up their whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.town_algebra import Algebra

ALL = "all"
OWNER = ["scope", "unit_code", "unit_name"]
PLACE = ["field", "source_system"]
SUMS = {"wards": (False,), "desk": (True,), "town": (False, True)}  # scope → is_desk of its units
FOUND = [*OWNER, *PLACE, "measure", "found", "expected"]
Figures = npt.NDArray[np.float64]


def find_sum_breaches(lines: pd.DataFrame, algebra: Algebra) -> pd.DataFrame:
    """Find the sums that are not those of their units, source systems and fields, nor the town wards and desk."""
    known = with_systems(lines)
    torn = set(find_undivided(lines, algebra)["measure"])
    sums = lines[lines["scope"].isin(list(SUMS))]
    whole = [measure for measure in algebra.measures if measure not in torn]
    found = [
        *_unit_breaches(known, algebra),
        *_scope_breaches(known, algebra),
        _part_breaches(lines, "source_system", algebra.measures),
        _part_breaches(sums, "field", whole),
        *_definition_breaches(lines, algebra),
    ]
    return pd.concat([pd.DataFrame(columns=FOUND), *found], ignore_index=True)


def find_undivided(lines: pd.DataFrame, algebra: Algebra) -> pd.DataFrame:
    """Find the units whose whole is not what their fields add up to: a report may say both, in two places."""
    units = lines[~lines["scope"].isin(list(SUMS))]
    found = _part_breaches(units, "field", algebra.measures)
    ordered = found.sort_values("source_system", key=lambda codes: codes != ALL, kind="stable")
    return ordered.drop_duplicates([*OWNER, "measure"]).reset_index(drop=True)


def with_systems(lines: pd.DataFrame) -> pd.DataFrame:
    """Say of the units and sums that name no source system that all of theirs is by none ("")."""
    named = lines.loc[lines["source_system"] != ALL, OWNER].drop_duplicates().assign(is_named=True)
    marked = lines.merge(named, on=OWNER, how="left", validate="many_to_one")
    bare = lines[~marked["is_named"].eq(True).to_numpy()]
    return pd.concat([lines, bare.assign(source_system="")], ignore_index=True)


def _unit_breaches(lines: pd.DataFrame, algebra: Algebra) -> Iterator[pd.DataFrame]:
    """Hold each sum against the lines of its units, field by field and system by system."""
    derived = [] if algebra.is_range else [total for total, _ in algebra.definitions]  # else they are no sums
    measures = [*algebra.flows, *algebra.openings, *algebra.closings, *derived]
    flags = dict.fromkeys([*algebra.flows, *derived], "has_flow")
    flags |= dict.fromkeys(algebra.openings, "has_opening") | dict.fromkeys(algebra.closings, "has_closing")
    cube = _lay_cube(lines[~lines["scope"].isin(list(SUMS))], _places(lines), measures)
    figures = np.where(cube.is_there[:, :, None], cube.figures, _elsewhere(cube)[:, None, :])
    is_in = cube.owners[[flags[m] for m in measures]].to_numpy(dtype=bool)
    counted = np.where(is_in[:, None, :], figures, 0.0)
    for scope, kinds in SUMS.items():
        sums = lines[lines["scope"] == scope]
        chosen = cube.owners["is_desk"].isin(kinds).to_numpy()
        expected = counted[chosen].sum(axis=0)[cube.places.get_indexer(pd.MultiIndex.from_frame(sums[PLACE]))]
        expected[:, ~is_in[chosen].any(axis=0)] = np.nan
        is_whole = (sums["field"].eq(ALL) & sums["source_system"].eq(ALL) & ~sums["is_partial"]).to_numpy(dtype=bool)
        yield _differences(sums, measures, expected, must_be_known=is_whole)


def _scope_breaches(lines: pd.DataFrame, algebra: Algebra) -> Iterator[pd.DataFrame]:
    """Hold the town against wards and desk."""
    cube = _lay_cube(lines[lines["scope"].isin(["wards", "desk"])], _places(lines), algebra.measures)
    town = lines[lines["scope"] == "town"]
    expected = cube.figures.sum(axis=0)[cube.places.get_indexer(pd.MultiIndex.from_frame(town[PLACE]))]
    yield _differences(town, algebra.measures, expected, must_be_known=np.zeros(len(town), dtype=bool))


@dataclass(frozen=True, slots=True)
class _Cube:
    """The figures of lines as owner × place × measure. *Missing*: NaN; `is_there` tells which lines there are."""

    owners: pd.DataFrame
    places: pd.MultiIndex
    figures: Figures
    is_there: npt.NDArray[np.bool_]


def _places(lines: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(lines[PLACE]).append(pd.MultiIndex.from_tuples([(ALL, ALL)])).unique()


def _lay_cube(lines: pd.DataFrame, places: pd.MultiIndex, measures: list[str]) -> _Cube:
    owner = lines.groupby(OWNER, sort=False).ngroup().to_numpy()
    owners = lines.drop_duplicates(OWNER).reset_index(drop=True)
    place = places.get_indexer(pd.MultiIndex.from_frame(lines[PLACE]))
    figures = np.full((len(owners), len(places), len(measures)), np.nan)
    figures[owner, place] = _matrix(lines, measures)
    is_there = np.zeros(figures.shape[:2], dtype=bool)
    is_there[owner, place] = True
    return _Cube(owners, places, figures, is_there)


def _elsewhere(cube: _Cube) -> Figures:
    """Give what each unit has where it has no line: 0, if the lines it has make up its whole; else that is unknown."""
    is_all = np.array([[value == ALL for value in place] for place in cube.places])
    finest = np.where(cube.is_there[:, :, None], cube.figures, 0.0)[:, ~is_all.any(axis=1)].sum(axis=1)
    whole = cube.figures[:, is_all.all(axis=1)][:, 0]
    return np.where(finest == whole, 0.0, np.nan)


def _part_breaches(lines: pd.DataFrame, over: str, measures: list[str]) -> pd.DataFrame:
    """Hold what is over all fields, or all source systems, against the lines of each, where there are any."""
    key = [*OWNER, *(column for column in PLACE if column != over)]
    once = lines.drop_duplicates([*OWNER, *PLACE])
    parts = once[once[over] != ALL].groupby(key, sort=False)[measures].sum(skipna=False)
    sums = once[once[over] == ALL]
    expected = _matrix(parts.reindex(pd.MultiIndex.from_frame(sums[key])), measures)
    return _differences(sums, measures, expected, must_be_known=np.zeros(len(sums), dtype=bool))


def _definition_breaches(lines: pd.DataFrame, algebra: Algebra) -> Iterator[pd.DataFrame]:
    """Hold, over several periods, each derived measure against its own parts."""
    for total, parts in algebra.definitions if algebra.is_range else ():
        if parts:
            expected = _matrix(lines, list(parts)).sum(axis=1, keepdims=True)
            yield _differences(lines, [total], expected, must_be_known=np.zeros(len(lines), dtype=bool))


def _matrix(lines: pd.DataFrame, measures: list[str]) -> Figures:
    if not len(lines):
        return np.empty((0, len(measures)))
    return np.column_stack([lines[m].to_numpy(dtype="float64", na_value=np.nan) for m in measures])


def _differences(
    lines: pd.DataFrame, measures: list[str], expected: Figures, *, must_be_known: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Name the figures of lines that are not what is expected of them. *Missing*: NaN is not judged."""
    found = _matrix(lines, measures)
    is_lost = np.isnan(found) & must_be_known[:, None]
    rows, columns = np.nonzero(~np.isnan(expected) & (is_lost | (~np.isnan(found) & (found != expected))))
    named = lines[[*OWNER, *PLACE]].iloc[rows].reset_index(drop=True)
    return named.assign(
        measure=np.array(measures, dtype=object)[columns], found=found[rows, columns], expected=expected[rows, columns]
    )
