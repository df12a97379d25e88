"""Sheets stacked as a batch is stacked for the checks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.coherent import MEASURES, Counts, Sheet
from etl.forms import Form
from etl.model import Report

LETTERS = {m: chr(ord("C") + i) for i, m in enumerate(MEASURES)}


def stack(sheets: Sequence[Counts], has_total_row: bool, form: Form) -> tuple[pd.DataFrame, list[int]]:
    """Stack sheets, one report each; give the position each begins at."""
    sizes = [len(sheet) for sheet in sheets]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).tolist()
    row = np.concatenate([np.arange(size) for size in sizes])
    is_last = np.concatenate([np.arange(size) == size - 1 for size in sizes])
    frame = pd.DataFrame(np.vstack(sheets), columns=list(MEASURES)).astype("Int64")
    silent = {m: pd.array([pd.NA] * len(frame), dtype="Int64") for m in form.measure_names if m not in MEASURES}
    stacked = frame.assign(
        sheet="Biểu",
        row=row + 9,
        kind=np.where(is_last & has_total_row, "total", "field"),
        field=[f"f{i}" for i in row],
        field_name="",
        source_system="",
        report=np.repeat(np.arange(len(sheets)), sizes),
        **silent,
    )
    return stacked, starts


def reports(count: int) -> list[Report]:
    """Give the reports the rows belong to: all print the official form."""
    return [Report("0" * 64, "a.xlsx", None, "", None, "", "2020", pd.DataFrame(), {"Biểu": LETTERS})] * count


def stocks_of(sheets: Sequence[Sheet], starts: Sequence[int], length: int) -> dict[str, pd.Series]:
    """Give each row the stock before and after it. *Missing*: <NA> for total rows."""
    found = {name: np.full(length, np.nan) for name in ("before", "after")}
    for sheet, start in zip(sheets, starts, strict=True):
        found["before"][start : start + len(sheet.before)] = sheet.before
        found["after"][start : start + len(sheet.after)] = sheet.after
    return {name: pd.Series(pd.array(values)).astype("Int64") for name, values in found.items()}


def as_stocks(rows: pd.DataFrame, stocks: pd.Series) -> pd.DataFrame:
    """Give stocks in the shape of `etl.neighbours.find_previous_stocks`."""
    fields = rows[rows["kind"] == "field"]
    return pd.DataFrame(
        {
            "report": fields["report"].to_numpy(),
            "source_system": fields["source_system"].to_numpy(),
            "line": fields["field"].to_numpy(),
            "previous": stocks[fields.index].array,
        }
    )
