"""Each report's period before, found in the batch itself and in the warehouse, for the rules on continuity."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from etl.forms import Form
from etl.model import Report, Unit
from etl.periods import Period
from expectations.grouping import Numbers, find_first, group_numbers

KEYS = ["source_system", "line"]
SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
LAST_DAY = date.max.toordinal() + 1
Opening = tuple[tuple[str, str, int | None], ...]  # see CheckedReport.opening


def find_previous_stocks(
    rows: pd.DataFrame, reports: Sequence[Report], *, trusted: Sequence[bool], known: pd.DataFrame | None, form: Form
) -> pd.DataFrame:
    """Find the closing stocks that each report should open with: in the batch where `trusted`, else in `known`.

    *Shape*: report, source_system, line (the field), previous; `known` as in `etl.check.CheckContext`.
    """
    if not form.roll_forwards or not len(rows):
        return pd.DataFrame(columns=["report", *KEYS, "previous"])
    closing = form.roll_forwards[0].closing
    before = _previous_reports(reports, trusted)
    parts = [_of_batch(rows, before, closing)]
    if known is not None and len(known):
        parts.append(of_warehouse(known, reports, closing, without=set(before)).drop_duplicates(["report", *KEYS]))
    return pd.concat(parts, ignore_index=True)


def read_openings(stocks: pd.DataFrame, *by: str) -> dict[Any, Opening]:
    """Give the stocks that each report was held against, in one order, by the columns that name it.

    *Missing*: None where a count is unknown; nothing where no report of the period before is.
    """
    listed: dict[Any, list[tuple[str, str, int | None]]] = {}
    for *names, system, line, count in stocks[[*by, *KEYS, "previous"]].to_numpy(dtype=object):
        known = (str(system), str(line), None if pd.isna(count) else int(count))
        listed.setdefault(names[0] if len(by) == 1 else tuple(names), []).append(known)
    return {report: tuple(sorted(opening, key=str)) for report, opening in listed.items()}


def with_previous(rows: pd.DataFrame, stocks: pd.DataFrame) -> pd.DataFrame:
    """Add `previous` to the rows: the closing stock of the period before, for the same source system and field.

    A field that the period before did not report had nothing pending then. *Missing*: where no report of the
    period before is known.
    """
    lines = pd.concat([_lined(rows), stocks[["report", *KEYS]]], ignore_index=True)
    numbers = group_numbers(lines, ["report", *KEYS])
    at = find_first(numbers[: len(rows)], among=numbers[len(rows) :])
    previous = stocks["previous"].astype("Int64").array.take(at, allow_fill=True)
    told_by_field = stocks.loc[stocks["line"] != "all", "report"].unique()
    silent = (at < 0) & rows["report"].isin(told_by_field).to_numpy()
    previous[silent & (lines["line"] != "all").to_numpy()[: len(rows)]] = 0
    return rows.assign(previous=previous)


def find_vanished_fields(rows: pd.DataFrame, stocks: pd.DataFrame) -> Iterator[tuple[int, str, str, int]]:
    """Find fields that held dossiers at the end of the period before and have no row now.

    *Shape*: report, field, source_system, that closing stock.
    """
    lined = _lined(rows).drop_duplicates()
    now_by_field = set(lined.loc[lined["line"] != "all", "report"])
    open_stocks = stocks[(stocks["previous"] > 0).fillna(False).astype(bool) & (stocks["line"] != "all")]
    joined = open_stocks.merge(lined, how="left", on=["report", *KEYS], indicator=True, validate="one_to_one")
    gone = joined[joined["_merge"] == "left_only"]
    for report, line, system, stock in gone[["report", "line", "source_system", "previous"]].to_numpy():
        if report in now_by_field:
            yield int(report), str(line), str(system), int(stock)


def _lined(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the rows: report, source_system and line, the field's code or the text where the field is not known."""
    line = rows["field"].where(rows["field"].notna(), rows["field_name"]).fillna("").astype(str)
    return rows[["report", "source_system"]].assign(line=line)


def _of_batch(rows: pd.DataFrame, before: dict[int, int], closing: str) -> pd.DataFrame:
    """Give each report the closing stocks of the one before. *Shape*: report, source_system, line, previous."""
    lines, fields = _lined(rows), np.flatnonzero((rows["kind"] == "field").to_numpy())
    number = group_numbers(lines, ["report", *KEYS])[fields]
    fields = fields[find_first(number, number) == np.arange(len(fields))]
    of_report = rows["report"].to_numpy()[fields]
    order = np.argsort(of_report, kind="stable")
    earlier = np.fromiter(before.values(), np.int64, len(before))
    first, end = (np.searchsorted(of_report, earlier, side, order) for side in SIDES)
    count = end - first
    at = fields[order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]]
    later = np.repeat(np.fromiter(before, np.int64, len(before)), count)
    stocks: pd.DataFrame = lines.take(at).reset_index(drop=True)
    return stocks.assign(report=later, previous=rows[closing].array.take(at))


def of_warehouse(known: pd.DataFrame, reports: Sequence[Report], stock: str, *, without: set[int]) -> pd.DataFrame:
    """Give the stocks that the warehouse knows, by report. *Shape*: report, source_system, line, previous."""
    labels = [(i, r.unit_label, r.period_label) for i, r in enumerate(reports) if i not in without]
    wanted = pd.DataFrame(labels, columns=["report", "unit", "period"])
    stocks = known.rename(columns={"field": "line", stock: "previous"})
    joined = wanted.merge(stocks, on=["unit", "period"], how="inner", validate="many_to_many")
    return joined[["report", *KEYS, "previous"]]


def _previous_reports(reports: Sequence[Report], trusted: Sequence[bool]) -> dict[int, int]:
    """Pair each report with the one of the same unit whose period ends the day before: of its own kind if it can be.

    Where the batch holds several of one unit and period it is not known here which of them counts: none is taken.
    """
    units = _numbered(unit_of(report) for report in reports)
    periods = _numbered(report.period_label for report in reports)
    place = units * (periods.max(initial=0) + 1) + periods
    times = np.unique_counts(place)
    is_alone = np.isin(place, times.values[times.counts == 1])
    ends, days_before = (_days(reports, day) for day in (lambda period: period.end, lambda period: period.day_before))
    candidates = np.flatnonzero(is_alone & (ends > 0) & np.asarray(trusted, dtype=bool))
    ending, sought = units[candidates] * LAST_DAY + ends[candidates], units * LAST_DAY + days_before
    order = np.argsort(ending, kind="stable")
    first, end = (np.searchsorted(ending, sought, side, order) for side in SIDES)
    count = np.where(days_before > 0, end - first, 0)
    pairs = dict(zip(np.flatnonzero(count == 1).tolist(), candidates[order[first[count == 1]]].tolist(), strict=True))
    for i in np.flatnonzero(count > 1).tolist():
        several = candidates[order[first[i] : end[i]]].tolist()
        pairs[i] = max(several, key=lambda c: _preference(reports[c], reports[i]))
    return pairs


def _numbered(names: Iterable[object]) -> Numbers:
    """Number names in the order they come."""
    numbers: dict[object, int] = {}
    return np.fromiter((numbers.setdefault(name, len(numbers)) for name in names), np.int64)


def _days(reports: Sequence[Report], day: Callable[[Period], date]) -> Numbers:
    """Give a day of each report's period as a number. *Missing*: 0, where the period is not known."""
    days = (day(report.period).toordinal() if report.period else 0 for report in reports)
    return np.fromiter(days, np.int64, len(reports))


def unit_of(report: Report) -> Unit | str:
    """Give whose report it is: a code alone has meant different units. *Missing*: the text, where no unit is known."""
    return report.unit or report.unit_text


def _preference(candidate: Report, report: Report) -> tuple[bool, str]:
    assert candidate.period and report.period
    same_kind = candidate.period.kind == report.period.kind
    return same_kind, candidate.received_at.isoformat() if candidate.received_at else ""
