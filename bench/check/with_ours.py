"""Our check on one frame: the suites of `expectations.ward_report`, validated by Great Expectations.

As in `etl.check`: the rows, then the rows beside what was pending before, then the facts. Counts below zero and doubled
lines are facts that our reader establishes while it reads a sheet; here, where no sheet is read, `_facts` does.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.check.contender import run
from bench.check.report_table import TOTAL_FIELD
from bench.check.rules import DOUBLED, LINE, MEASURES, NEGATIVE
from etl.model import Report, Unit
from etl.neighbours import find_previous_stocks, with_previous
from etl.periods import Period
from etl.reference import Reference, read_reference
from expectations.grouping import find_first, group_numbers
from expectations.validate import validate
from expectations.ward_report import build_continuity_suite, build_fact_suite, build_row_suite

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Batch:
    """Reports as `etl.check` stacks them: `rows` as `etl.model.Report.frame` says, with `report`."""

    rows: pd.DataFrame
    reports: list[Report]
    known: pd.DataFrame
    reference: Reference


def load(folder: Path) -> Batch:
    reference = read_reference(ROOT / "reference" / "son-tay")
    rows = read_rows(folder)
    first = rows.loc[~rows["report"].duplicated(), ["unit", "period"]]
    units = {code: Unit(code, code, "xã") for code in first["unit"].unique()}
    year = {key: reference.town.calendar.month(*map(int, key.split("-"))) for key in first["period"].unique()}
    nothing = pd.DataFrame()
    reports = [_report(units[unit], year[period], nothing) for unit, period in first.itertuples(index=False)]
    known = pd.read_parquet(folder / "before.parquet").drop(columns="month")
    return Batch(rows.drop(columns=["unit", "period"]), reports, known, reference)


def read_rows(folder: Path) -> pd.DataFrame:
    """Read the rows as our parser lays them out, a column at a time, so that nothing is in memory twice."""
    file = folder / "rows.parquet"
    names = [name for name in pq.read_schema(file).names if name != "month"]
    columns = {name: _column(file, name) for name in names}
    columns["field_name"] = columns["field"].mask(columns["kind"] == "total", "TỔNG CỘNG")
    columns["field"] = columns["field"].mask(columns["kind"] == "total")
    return pd.DataFrame(columns, copy=False)


def _column(file: Path, name: str) -> pd.Series:
    types = {pa.int64(): pd.Int64Dtype()} if name in MEASURES else {}
    column: pd.Series = pq.read_table(file, columns=[name]).to_pandas(types_mapper=types.get)[name]
    return column


def _report(unit: Unit, period: Period, frame: pd.DataFrame) -> Report:
    return Report("", "", unit, unit.code, period, period.key, "", frame, {})


def find(batch: Batch) -> pd.DataFrame:
    """Give the keys of what the suites find. *Shape*: KEYS."""
    form, rows = batch.reference.form, batch.rows
    found = {rule: positions(breaches) for rule, (_, breaches) in validate(rows, build_row_suite(form, {})).items()}
    trusted = [True] * len(batch.reports)
    stocks = find_previous_stocks(rows, batch.reports, trusted=trusted, known=batch.known, form=form)
    continued = with_previous(rows, stocks)
    broken = validate(continued, build_continuity_suite(form, {}))
    found |= {rule: positions(breaches) for rule, (_, breaches) in broken.items()}
    facts = _facts(rows)
    weighed = validate(facts, build_fact_suite(form, {}))
    found |= {rule: facts["position"].to_numpy()[at] for rule, (_, at) in weighed.items()}
    return _keys(batch, found)


def positions(breaches: Any) -> np.ndarray:
    """Give the rows that a rule's breaches are about."""
    if isinstance(breaches, pd.DataFrame):
        return breaches["position"].to_numpy()
    return np.concatenate([breach.positions for breach in breaches])


def _facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Establish what the reader would have: a row for each fact, with its rule and the position in the rows."""
    is_negative = np.any([(rows[measure] < 0).to_numpy(dtype=bool, na_value=False) for measure in MEASURES], axis=0)
    line = group_numbers(rows, LINE)
    is_doubled = find_first(line, line) < np.arange(len(rows))
    facts = {NEGATIVE: np.flatnonzero(is_negative), DOUBLED: np.flatnonzero(is_doubled)}
    return pd.concat([pd.DataFrame({"rule": rule, "position": at}) for rule, at in facts.items()], ignore_index=True)


def _keys(batch: Batch, found: dict[str, np.ndarray]) -> pd.DataFrame:
    places = {rule: np.unique(at) for rule, at in found.items()}
    at = np.concatenate(list(places.values())).astype(np.int64)
    rows = batch.rows[["report", "source_system", "field"]].iloc[at]
    labels = ((report.unit_label, report.period_label) for report in batch.reports)
    units, periods = (pd.array(texts, dtype="str") for texts in zip(*labels, strict=True))
    keys = {"unit": units.take(rows["report"].to_numpy()), "period": periods.take(rows["report"].to_numpy())}
    keys |= {"source_system": rows["source_system"].array, "field": rows["field"].fillna(TOTAL_FIELD).array}
    codes = np.repeat(np.arange(len(places)), [len(rule) for rule in places.values()])
    return pd.DataFrame(keys | {"rule": pd.array(list(places), dtype="str").take(codes)})


if __name__ == "__main__":
    run("ours", load, find, lambda found, path: found.to_parquet(path, index=False))
