"""What a unit has reported, period after period, and before it all that went wholly into it."""

from datetime import timedelta

import numpy as np
import pandas as pd

from etl.model import Unit
from etl.reference import Reference

_PERIOD = ["period_key", "start", "end"]


def find_series(unit: Unit, past: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Give the reports of a unit, the oldest first; of a unit made wholly from others, also the sums of theirs.

    *Shape* of `past`: see `etl.warehouse.past.read_past`; of the result: period_key, start, end (dates), the measures
    (float64), day_before (the start), is_own. *Missing*: a period for which any of the others has not reported.
    """
    measures = list(reference.form.measure_names)
    own = _reports_of([unit], past)[[*_PERIOD, *measures]].assign(is_own=True)
    parts = [own]
    for group in reference.succession_groups:
        if group.is_whole and group.successors == (unit,):
            others = _reports_of(list(group.predecessors), past)
            counted = others.groupby(_PERIOD, sort=False)[measures]
            sums = counted.sum(skipna=False)[(counted.size() == len(group.predecessors)).to_numpy()]
            parts.append(sums.reset_index().assign(is_own=False))
    series = pd.concat([part for part in parts if len(part)] or [own], ignore_index=True)
    days_before = [start - timedelta(days=1) for start in series["start"]]
    return series.assign(day_before=pd.Series(days_before, dtype="object")).sort_values("start", ignore_index=True)


def _reports_of(units: list[Unit], past: pd.DataFrame) -> pd.DataFrame:
    names = {(unit.code, unit.full_name) for unit in units}
    places = zip(past["unit_code"], past["unit_name"], strict=True)
    return past[np.array([place in names for place in places], dtype=bool)]
