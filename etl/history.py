"""Each report's flows beside what the same unit reported before, found in the batch itself and in the warehouse."""

import re
from collections.abc import Sequence

import pandas as pd

from etl.completion import complete
from etl.forms import Form
from etl.model import Report, Unit
from expectations.history import FEWEST_PERIODS, WHOLE

PERIOD = ["unit", "kind", "start"]
LINE = ["source_system", "field"]
ALL_SYSTEMS = "all"  # the source system of the line that sums a report up


def key_of(unit: Unit) -> str:
    """Name a unit for its history: a code may have meant another unit before."""
    return f"{unit.code} {unit.valid_from or ''}".strip()


def find_history_table(
    rows: pd.DataFrame, reports: Sequence[Report], *, trusted: Sequence[bool], known: pd.DataFrame | None, form: Form
) -> pd.DataFrame:
    """Lay the reports to judge, those `trusted`, on top of their past: a row per unit, period, source system and field.

    A field without a row counts 0 in a report that divides and speaks of its source system. One line more sums each
    report up. `known` as in `etl.check.CheckContext`.

    *Shape*: unit, kind, start, source_system, field ("all" for the line that sums up), the principal flows (float64),
    is_judged, report (its place in the batch, -1 for the past), position (of its row in `rows`, -1 where several or
    none make up the line). *Missing*: NaN where a row does not say; no row where nothing has past enough.
    """
    past = lay_past(known, form)
    judged = _to_judge(reports, trusted)
    periods = pd.concat([past[PERIOD], judged[PERIOD]], ignore_index=True).drop_duplicates()
    if not form.principal_flows or judged.empty or periods.groupby(["unit", "kind"]).size().max() <= FEWEST_PERIODS:
        return pd.DataFrame(columns=[*PERIOD, *LINE, *form.principal_flows, "is_judged", "report", "position"])
    given = _of_batch(rows, judged, form)
    older = past.merge(judged[PERIOD], how="left", on=PERIOD, indicator="found", validate="many_to_one")
    older = older[older["found"] == "left_only"].drop(columns="found")
    return compose_history(pd.concat([older.assign(report=-1, position=-1), given], ignore_index=True), form)


def compose_history(lines: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Complete the lines of reports by the fields that have no row, and by the line that sums each report up.

    *Shape*: in as out, see `find_history_table`; what is not of the past (`report` ≥ 0) is judged.
    """
    flows, place = list(form.principal_flows), [*PERIOD, "report"]
    undivided = lines[lines["field"] == WHOLE]
    divided = lines[lines["field"] != WHOLE].merge(
        undivided[PERIOD].drop_duplicates(), how="left", on=PERIOD, indicator="found", validate="many_to_one"
    )
    divided = divided[divided["found"] == "left_only"].drop(columns="found")
    reports = divided[[*place, "source_system"]].drop_duplicates()
    fields = divided[["unit", "kind", *LINE]].drop_duplicates()
    grid = reports.merge(fields, on=["unit", "kind", "source_system"], how="inner", validate="many_to_many")
    filled = grid.merge(divided, on=[*place, *LINE], how="left", indicator="found", validate="one_to_one")
    absent = filled["found"] == "left_only"
    filled.loc[absent, flows] = 0.0
    filled.loc[absent, "position"] = -1
    sums = pd.concat([_summed(undivided, place, flows), _summed(divided, place, flows)], ignore_index=True)
    table = pd.concat([filled.drop(columns="found"), sums], ignore_index=True)
    return table.assign(is_judged=table["report"] >= 0, position=table["position"].astype("int64"))


def _summed(lines: pd.DataFrame, place: list[str], flows: list[str]) -> pd.DataFrame:
    """Sum each report up. *Missing*: where any of its lines does not say."""
    grouped = lines.groupby(place, sort=False)
    sums = grouped[flows].sum(skipna=False)
    position = grouped["position"].max().where(grouped.size() == 1, -1)
    return sums.assign(position=position).reset_index().assign(source_system=ALL_SYSTEMS, field=WHOLE)


def _to_judge(reports: Sequence[Report], trusted: Sequence[bool]) -> pd.DataFrame:
    """List the reports to judge, each unit and period once: the one that arrived last."""
    arrived = [
        {
            "unit": key_of(report.unit) if report.unit else report.unit_text,
            "kind": report.period.kind,
            "start": pd.Timestamp(report.period.start),
            "report": i,
            "received_at": report.received_at.isoformat() if report.received_at else "",
        }
        for i, report in enumerate(reports)
        if report.period and trusted[i]
    ]
    listed = pd.DataFrame(arrived, columns=[*PERIOD, "report", "received_at"])
    last = listed.sort_values("received_at", kind="stable").drop_duplicates(PERIOD, keep="last")
    return last.drop(columns="received_at").astype({"unit": "str", "kind": "str", "start": "datetime64[s]"})


def _of_batch(rows: pd.DataFrame, judged: pd.DataFrame, form: Form) -> pd.DataFrame:
    fields = rows[(rows["kind"] == "field") & rows["report"].isin(judged["report"])]
    named = fields.assign(field=fields["field"].where(fields["field"].notna(), fields["field_name"]).fillna(""))
    flows = list(form.principal_flows)
    lines = complete(form, named.assign(position=named.index))[["report", *LINE, "position", *flows]]
    grouped = lines.groupby(["report", *LINE], sort=False)
    summed = grouped[flows].sum(skipna=False)
    summed = summed.assign(position=grouped["position"].max().where(grouped.size() == 1, -1)).reset_index()
    return summed.merge(judged, on="report", how="inner", validate="many_to_one")


def lay_past(known: pd.DataFrame | None, form: Form) -> pd.DataFrame:
    """Lay out what `etl.warehouse.history.find_history` gives. *Shape*: unit, kind, start, the line, its flows."""
    columns = [*PERIOD, *LINE, *form.principal_flows]
    if known is None or known.empty:
        return pd.DataFrame(columns=columns).astype({"start": "datetime64[s]"})
    kinds = {key: re.sub(r"\d", "0", key) for key in known["period"].unique()}
    return known.assign(kind=known["period"].map(kinds), start=known["start"].astype("datetime64[s]"))[columns]
