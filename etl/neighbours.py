"""Each report's period before, found in the batch itself and in the warehouse, for the rules on continuity."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from etl.forms import Form
from etl.model import Report, Unit

KEYS = ["source_system", "line"]
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
    fields = rows[rows["kind"] == "field"]
    stocks = fields.assign(line=_line(fields))[["report", *KEYS, closing]].rename(columns={closing: "previous"})
    before = _previous_reports(reports, trusted)
    parts = [_of_batch(stocks, before)]
    if known is not None and len(known):
        parts.append(of_warehouse(known, reports, closing, without=set(before)))
    return pd.concat(parts, ignore_index=True).drop_duplicates(["report", *KEYS])


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
    lined = rows.assign(line=_line(rows))
    joined = lined[["report", *KEYS]].merge(
        stocks, how="left", on=["report", *KEYS], validate="many_to_one", indicator=True
    )
    told_by_field = set(stocks.loc[stocks["line"] != "all", "report"])
    silent = lined["report"].isin(told_by_field) & (lined["line"] != "all")
    absent = pd.Series(joined["_merge"].to_numpy() == "left_only", index=rows.index)
    previous = joined["previous"].astype("Int64").set_axis(rows.index)
    return rows.assign(previous=previous.mask(silent & absent, 0))


def find_vanished_fields(rows: pd.DataFrame, stocks: pd.DataFrame) -> Iterator[tuple[int, str, str, int]]:
    """Find fields that held dossiers at the end of the period before and have no row now.

    *Shape*: report, field, source_system, that closing stock.
    """
    lined = rows.assign(line=_line(rows))[["report", *KEYS]].drop_duplicates()
    now_by_field = set(lined.loc[lined["line"] != "all", "report"])
    open_stocks = stocks[(stocks["previous"] > 0).fillna(False).astype(bool) & (stocks["line"] != "all")]
    joined = open_stocks.merge(lined, how="left", on=["report", *KEYS], indicator=True, validate="one_to_one")
    gone = joined[joined["_merge"] == "left_only"]
    for report, line, system, stock in gone[["report", "line", "source_system", "previous"]].to_numpy():
        if report in now_by_field:
            yield int(report), str(line), str(system), int(stock)


def _line(rows: pd.DataFrame) -> pd.Series:
    """Name a row's field: its code, or the text where the field is not known."""
    return rows["field"].where(rows["field"].notna(), rows["field_name"]).fillna("").astype(str)


def _of_batch(stocks: pd.DataFrame, before: dict[int, int]) -> pd.DataFrame:
    pairs = pd.DataFrame({"report": list(before), "earlier": list(before.values())}, dtype="int64")
    earlier = stocks.rename(columns={"report": "earlier"})
    return pairs.merge(earlier, on="earlier", how="inner", validate="many_to_many").drop(columns="earlier")


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
    times = Counter((unit_of(report), report.period_label) for report in reports)
    ending: dict[tuple[object, object], list[int]] = {}
    for i, report in enumerate(reports):
        if report.period and trusted[i] and times[unit_of(report), report.period_label] == 1:
            ending.setdefault((unit_of(report), report.period.end), []).append(i)
    pairs: dict[int, int] = {}
    for i, report in enumerate(reports):
        if report.period is None:
            continue
        candidates = ending.get((unit_of(report), report.period.day_before), [])
        if candidates:
            pairs[i] = max(candidates, key=lambda c: _preference(reports[c], report))
    return pairs


def unit_of(report: Report) -> Unit | str:
    """Give whose report it is: a code alone has meant different units. *Missing*: the text, where no unit is known."""
    return report.unit or report.unit_text


def _preference(candidate: Report, report: Report) -> tuple[bool, str]:
    assert candidate.period and report.period
    same_kind = candidate.period.kind == report.period.kind
    return same_kind, candidate.received_at.isoformat() if candidate.received_at else ""
