"""What units reported before and after the periods of a dataset: what estimates for missing reports are made from."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from etl.completion import complete
from etl.periods import Period
from etl.reference import Reference
from etl.town_dataset import TownDataset
from etl.warehouse.town_inputs import find_reported_periods, read_rows, sum_reports

PERIODS_BEFORE, PERIODS_AFTER = 24, 1  # twelve that were reported may lie some way back; one after says how it closed


def read_past(
    conn: Connection, reference: Reference, dataset: TownDataset, *, as_of: datetime | None = None
) -> pd.DataFrame:
    """Read the reports that count of the dataset's periods and of those around them, each summed up.

    *Shape*: a row per report: unit_code, unit_name (the full name), period_key, start, end (dates), the measures
    (float64). *Missing*: NaN where any row of the report does not say and its balances leave it open.
    """
    periods = _find_periods(find_reported_periods(conn, reference), dataset.periods)
    measures = list(reference.form.measure_names)
    rows = complete(reference.form, read_rows(conn, reference, periods, as_of))
    sums = sum_reports(rows, ["unit", "month"], reference)
    units = [reference.units[unit] for unit in sums["unit"]]
    spans = [periods[month] for month in sums["month"]]
    places = pd.DataFrame({
        "unit_code": pd.array([unit.code for unit in units], dtype="str"),
        "unit_name": pd.array([unit.full_name for unit in units], dtype="str"),
        "period_key": pd.array([span.key for span in spans], dtype="str"),
        "start": pd.Series([span.start for span in spans], dtype="object"),
        "end": pd.Series([span.end for span in spans], dtype="object"),
    })  # fmt: skip
    return places.assign(**{name: sums[name].astype("float64") for name in measures})


def _find_periods(reported: list[Period], own: tuple[Period, ...]) -> list[Period]:
    """Choose the periods of the same kind around the dataset's own, the oldest first."""
    alike = [period for period in reported if period.kind == own[0].kind]
    earlier = [period for period in alike if period.end < own[0].start]
    later = [period for period in alike if period.start > own[-1].end]
    return [*earlier[-PERIODS_BEFORE:], *own, *later[:PERIODS_AFTER]]
