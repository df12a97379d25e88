"""Each report's period before, found in the batch itself and in the warehouse, for the rules on continuity."""

from collections.abc import Iterator, Sequence

import pandas as pd

from etl.forms import Form
from etl.model import Report

KEYS = ["source_system", "line"]


def with_previous(rows: pd.DataFrame, reports: Sequence[Report], known: pd.DataFrame | None, form: Form) -> pd.DataFrame:
    """Add `previous`: the closing stock of the period before, for the same unit, source system and field.

    A field that the period before did not report had nothing pending then. *Missing*: where no report of the
    period before is known, in the batch or in `known` (see `etl.check.CheckContext`).
    """
    if not form.roll_forwards or not len(rows):
        return rows.assign(previous=pd.array([pd.NA] * len(rows), dtype="Int64"))
    stocks = _previous_stocks(rows, reports, known, form.roll_forwards[0].closing)
    lined = rows.assign(line=_line(rows))
    joined = lined[["report", *KEYS]].merge(stocks, how="left", on=["report", *KEYS], validate="many_to_one")
    by_field = set(stocks.loc[stocks["line"] != "all", "report"])
    silent = lined["report"].isin(by_field).to_numpy() & (lined["line"] != "all").to_numpy() & ~joined["_known"].eq(True).to_numpy()
    return rows.assign(previous=pd.array(joined["previous"], dtype="Int64")).assign(
        previous=lambda frame: frame["previous"].mask(silent, 0)
    )


def find_vanished_fields(
    rows: pd.DataFrame, reports: Sequence[Report], known: pd.DataFrame | None, form: Form
) -> Iterator[tuple[int, str, str, int]]:
    """Find fields that held dossiers at the end of the period before and have no row now.

    *Shape*: report, field, source_system, that closing stock.
    """
    if not form.roll_forwards or not len(rows):
        return
    stocks = _previous_stocks(rows, reports, known, form.roll_forwards[0].closing)
    lined = rows.assign(line=_line(rows))[["report", *KEYS]].drop_duplicates()
    now_by_field = set(lined.loc[lined["line"] != "all", "report"])
    open_stocks = stocks[(stocks["previous"] > 0).fillna(False) & (stocks["line"] != "all")]
    joined = open_stocks.merge(lined, how="left", on=["report", *KEYS], indicator=True, validate="one_to_one")
    for gone in joined[joined["_merge"] == "left_only"].itertuples():
        if gone.report in now_by_field:
            yield int(gone.report), str(gone.line), str(gone.source_system), int(gone.previous)


def _line(rows: pd.DataFrame) -> pd.Series:
    """Name a row's field: its code, or the text where the field is not known."""
    return rows["field"].where(rows["field"].notna(), rows["field_name"]).fillna("").astype(str)


def _previous_stocks(rows: pd.DataFrame, reports: Sequence[Report], known: pd.DataFrame | None, closing: str) -> pd.DataFrame:
    """Give the closing stocks that each report should open with. *Shape*: report, source_system, line, previous."""
    fields = rows[rows["kind"] == "field"]
    stocks = fields.assign(line=_line(fields))[["report", *KEYS, closing]].rename(columns={closing: "previous"})
    before = _previous_reports(reports)
    parts = [_of_batch(stocks, before)]
    if known is not None and len(known):
        parts.append(_of_warehouse(known, reports, closing, without=set(before)))
    joined = pd.concat(parts, ignore_index=True).drop_duplicates(["report", *KEYS])
    return joined.assign(_known=True)


def _of_batch(stocks: pd.DataFrame, before: dict[int, int]) -> pd.DataFrame:
    pairs = pd.DataFrame({"report": list(before), "earlier": list(before.values())}, dtype="int64")
    earlier = stocks.rename(columns={"report": "earlier"})
    return pairs.merge(earlier, on="earlier", how="inner", validate="many_to_many").drop(columns="earlier")


def _of_warehouse(known: pd.DataFrame, reports: Sequence[Report], closing: str, *, without: set[int]) -> pd.DataFrame:
    labels = [(i, r.unit_label, r.period_label) for i, r in enumerate(reports) if i not in without]
    wanted = pd.DataFrame(labels, columns=["report", "unit", "period"])
    stocks = known.rename(columns={"field": "line", closing: "previous"})
    joined = wanted.merge(stocks, on=["unit", "period"], how="inner", validate="many_to_many")
    return joined[["report", *KEYS, "previous"]]


def _previous_reports(reports: Sequence[Report]) -> dict[int, int]:
    """Pair each report with the one of the same unit whose period ends the day before: of its own kind if it can be."""
    ending: dict[tuple[str, object], list[int]] = {}
    for i, report in enumerate(reports):
        if report.period:
            ending.setdefault((report.unit_label, report.period.end), []).append(i)
    pairs: dict[int, int] = {}
    for i, report in enumerate(reports):
        if report.period is None:
            continue
        candidates = ending.get((report.unit_label, report.period.day_before), [])
        if candidates:
            pairs[i] = max(candidates, key=lambda c: _preference(reports[c], report))
    return pairs


def _preference(candidate: Report, report: Report) -> tuple[bool, str]:
    assert candidate.period and report.period
    same_kind = candidate.period.kind == report.period.kind
    return same_kind, candidate.received_at.isoformat() if candidate.received_at else ""
