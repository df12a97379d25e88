"""The period after: what each report's closing stock was carried over as."""

from collections.abc import Mapping, Sequence

import pandas as pd

from etl.forms import Form
from etl.model import Report
from etl.neighbours import of_warehouse, unit_of


def find_following_stocks(
    rows: pd.DataFrame, reports: Sequence[Report], form: Form, known: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find the opening stocks of the reports that begin the day after each report ends, of the same unit.

    In the batch, where of several such reports the one that arrived last counts; else in `known`, see
    `etl.check.CheckContext`. *Shape*: report, source_system, line, previous (that stock): as
    `etl.neighbours.find_previous_stocks`, looking the other way.
    """
    columns = ["report", "source_system", "line", "previous"]
    later = _following_reports(reports)
    if not form.roll_forwards:
        return pd.DataFrame(columns=columns)
    parts = [_of_batch(rows, later, form)] if later else []
    if known is not None and len(known):
        parts.append(of_warehouse(known, reports, form.roll_forwards[0].opening, without=set(later)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _of_batch(rows: pd.DataFrame, later: Mapping[int, int], form: Form) -> pd.DataFrame:
    columns = ["report", "source_system", "line", "previous"]
    pairs = [{"report": report, "later": following} for report, following in later.items()]
    fields = rows[rows["kind"] == "field"]
    line = fields["field"].where(fields["field"].notna(), fields["field_name"]).fillna("").astype(str)
    stocks = fields.assign(line=line, later=fields["report"], previous=fields[form.roll_forwards[0].opening])
    joined = pd.DataFrame(pairs).merge(
        stocks[["later", *columns[1:]]], on="later", how="inner", validate="many_to_many"
    )
    return joined[columns].drop_duplicates(columns[:3])


def _following_reports(reports: Sequence[Report]) -> dict[int, int]:
    beginning: dict[tuple[object, object], list[int]] = {}
    for i, report in enumerate(reports):
        if report.period:
            beginning.setdefault((unit_of(report), report.period.day_before), []).append(i)
    found = {}
    for i, report in enumerate(reports):
        later = beginning.get((unit_of(report), report.period.end), []) if report.period else []
        if later:
            found[i] = max(later, key=lambda j: (_same_kind(report, reports[j]), _arrival(reports[j])))
    return found


def _same_kind(one: Report, other: Report) -> bool:
    return bool(one.period and other.period and one.period.kind == other.period.kind)


def _arrival(report: Report) -> str:
    return report.received_at.isoformat() if report.received_at else ""
