"""Figures that a unit reported for a longer period, beside what its reports of the months in it make."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from etl.completion import complete
from etl.db import query
from etl.forms import Form, OverTime
from etl.periods import Period
from etl.reference import Reference
from etl.warehouse.town_inputs import sum_reports

KEY = ["unit", "longer_key"]
COLUMNS = ["unit_code", "unit_name", "period_key", "measure", "reported", "months"]


def find_cumulative(
    conn: Connection, reference: Reference, period: Period, as_of: datetime | None = None
) -> pd.DataFrame:
    """Find what units reported for a longer period that shares days with this one, and for all months of it.

    *Shape*: unit_code, unit_name, period_key (the longer one), measure (flows and stocks), reported and months (Int64):
    flows added, the opening stock the first month's, the closing stock the last one's. *Missing*: <NA> where a report
    does not say and its balances leave it open.
    """
    asked = {"as_of": as_of or "infinity", "start_date": period.start, "end_date": period.end}
    found = pd.DataFrame(conn.execute(query("find_cumulative_row"), asked).mappings().all())
    if found.empty:
        return pd.DataFrame(columns=COLUMNS)
    places = {(unit.code, unit.valid_from): place for place, unit in enumerate(reference.units)}
    keys = zip(found["unit_code"], found["unit_valid_from"], strict=True)
    rows = complete(reference.form, found.assign(unit=[places[code, day or None] for code, day in keys]))
    reports = sum_reports(rows, [*KEY, "is_longer", "start_date"], reference)
    reported = _tidy(reports[reports["is_longer"]], reference.form, "reported")
    months = _tidy(_over_months(reports[~reports["is_longer"]], reference.form), reference.form, "months")
    compared = reported.merge(months, on=[*KEY, "measure"], validate="one_to_one")
    named = compared.assign(
        unit_code=[reference.units[place].code for place in compared["unit"]],
        unit_name=[reference.units[place].full_name for place in compared["unit"]],
    )
    return named.rename(columns={"longer_key": "period_key"})[COLUMNS]


def _over_months(reports: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Make what the months of a longer period give together."""
    months = reports.sort_values("start_date").groupby(KEY)
    summed, first, last = months.sum(numeric_only=True, skipna=False), months.nth(0), months.nth(-1)
    opening, closing = (end.set_index(KEY) for end in (first, last))
    parts = {OverTime.FLOW: summed, OverTime.OPENING: opening, OverTime.CLOSING: closing}
    figures = {m.name: parts[m.over_time][m.name] for m in form.measures if m.over_time in parts}
    return pd.DataFrame(figures).reset_index()


def _tidy(reports: pd.DataFrame, form: Form, name: str) -> pd.DataFrame:
    """Give a row per measure; what is derived follows from the others."""
    measures = [measure.name for measure in form.measures if measure.over_time is not OverTime.DERIVED]
    tidy = reports.melt(KEY, measures, var_name="measure", value_name=name)
    return tidy.assign(**{name: tidy[name].round().astype("Int64")})
