"""The hop from the warehouse to the town's dataset: a pure read, and the sums over wards and over periods.

A figure never hides what is not in it: a unit without an accepted report makes it partial, and a measure that a
unit reports nowhere and its balances leave open makes it missing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from etl.completion import complete
from etl.forms import Form, OverTime
from etl.periods import Period
from etl.reference import Reference
from etl.town_dataset import Decision, TownDataset
from etl.warehouse.town_inputs import (
    ALL,
    UNLISTED,
    is_restated,
    read_coverage,
    read_decisions,
    read_fingerprint,
    read_rows,
)

SCOPES = {"wards": (False,), "desk": (True,), "town": (False, True)}  # scope → is_desk of its units
LINE = ["scope", "unit", "field", "source_system"]


def build_town(
    conn: Connection, reference: Reference, periods: Sequence[Period], as_of: datetime | None = None
) -> TownDataset:
    """Build the dataset of periods that follow each other, as known now or at a moment."""
    ordered = tuple(sorted(periods))
    if not ordered or any(late.day_before != early.end for early, late in pairwise(ordered)):
        raise ValueError(f"periods must follow each other without a gap: {[period.key for period in ordered]}")
    period = ordered[0] if len(ordered) == 1 else reference.town.calendar.days(ordered[0].start, ordered[-1].end)
    coverage = read_coverage(conn, reference, ordered, as_of or datetime.now(UTC), is_now=as_of is None)
    rows = read_rows(conn, reference, ordered, as_of)
    decisions = read_decisions(conn, reference, ordered, as_of)
    fingerprint = read_fingerprint(conn, ordered, as_of)
    return TownDataset(
        period=period,
        periods=ordered,
        frame=mark_decisions(build_frame(rows, coverage, reference, len(ordered)), decisions, coverage),
        coverage=coverage.drop(columns=["unit", "month"]),
        fingerprint=fingerprint,
        restated=is_restated(conn, period, fingerprint, as_of),
        decisions=decisions,
    )


def build_frame(rows: pd.DataFrame, coverage: pd.DataFrame, reference: Reference, months: int) -> pd.DataFrame:
    """Sum the rows of reports over units and months. See `TownDataset` for the shape."""
    form, expected = reference.form, coverage[coverage["expected"]]
    inside = expected.loc[expected["status"].str.startswith("accepted"), ["unit", "month", "is_desk"]]
    complete_rows = complete(form, rows).merge(inside, on=["unit", "month"], how="inner", validate="many_to_one")
    wards = _ward_lines(complete_rows, inside, form)
    ward_spans = expected.groupby("unit")["month"].agg(first="min", last="max").reset_index()
    ward_lines = wards.merge(ward_spans, on="unit", how="inner", validate="many_to_one").assign(scope="ward")
    scope_lines = _scope_lines(wards[wards["is_summed"]], form).assign(unit=-1, first=0, last=months - 1)
    ward_lines = ward_lines[(ward_lines["source_system"] != ALL) | (ward_lines["field"] == ALL)]
    monthly = pd.concat([ward_lines, scope_lines], ignore_index=True)
    lines = _over_time(monthly, form) if months > 1 else monthly[[*LINE, *form.measure_names]]
    counted = _counts(expected).merge(lines, on=["scope", "unit"], how="left", validate="one_to_many")
    return _dressed(_completed(counted, form, months), reference)


def mark_decisions(frame: pd.DataFrame, decisions: Sequence[Decision], coverage: pd.DataFrame) -> pd.DataFrame:
    """Count in each figure the accepted findings and the corrected figures of the reports in it."""
    inside = coverage[coverage["expected"]]
    is_desk = dict(zip(zip(inside["unit_code"], inside["unit_name"], strict=True), inside["is_desk"], strict=True))
    counts = {kind: pd.Series(0, index=frame.index, dtype="Int64") for kind in ("waiver", "correction")}
    for decision in decisions:
        unit = (decision.unit_code, decision.unit_name)
        if unit not in is_desk:
            continue
        own = frame["scope"].eq("ward") & frame["unit_code"].eq(unit[0]) & frame["unit_name"].eq(unit[1])
        summed = frame["scope"].isin([scope for scope, kinds in SCOPES.items() if is_desk[unit] in kinds])
        touched = frame["field"].eq(ALL) | (decision.field is None) | frame["field"].eq(decision.field or ALL)
        counts[decision.kind] += ((own | summed) & touched).astype("Int64")
    return frame.assign(waived=counts["waiver"], corrected=counts["correction"])


def _ward_lines(rows: pd.DataFrame, inside: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Give each ward's months, line by line: field × source system, field over all systems, and the whole.

    A field without a row counts 0 in a month that was reported by fields, and is unknown in one that was not.
    *Shape*: unit, month, is_desk, field, source_system, is_summed (goes into the town's sums), the measures.
    """
    measures, report = list(form.measure_names), ["unit", "month"]
    undivided = rows.loc[rows["field"] == ALL, report].drop_duplicates().assign(is_undivided=True)
    marked = rows.merge(undivided, on=report, how="left", validate="many_to_one")
    is_undivided = marked["is_undivided"].eq(True)
    divided = marked[marked["field"] != ALL]
    whole = marked[(marked["field"] == ALL) | ~is_undivided].assign(field=ALL, source_system=ALL)
    fields = inside[["unit", "month", "is_desk"]].merge(divided[["field"]].drop_duplicates(), how="cross")
    wanted = pd.concat(
        [
            inside.merge(
                divided[["unit", "field", "source_system"]].drop_duplicates(), on="unit", validate="many_to_many"
            ),
            fields.assign(source_system=ALL, is_summed=True),
            inside.assign(field=ALL, source_system=ALL, is_summed=True),
        ],
        ignore_index=True,
    )
    key = [*report, "field", "source_system"]
    given = pd.concat([divided, divided.assign(source_system=ALL), whole], ignore_index=True)
    summed = given.groupby(key, sort=False)[measures].sum(skipna=False).reset_index().assign(is_given=True)
    lines = wanted.merge(undivided, on=report, how="left", validate="many_to_one")
    lines = lines.merge(summed, on=key, how="left", validate="one_to_one")
    unknown = lines["is_undivided"].eq(True) & (lines["field"] != ALL)
    absent = ~lines["is_given"].eq(True)
    lines.loc[absent & ~unknown, measures] = 0.0
    return lines.assign(is_summed=lines["is_summed"].eq(True)).drop(columns=["is_undivided", "is_given"])


def _scope_lines(lines: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Add up each month over the units of each scope. *Missing*: where any of them does not say."""
    key, measures = ["month", "field", "source_system"], list(form.measure_names)
    sums = [
        lines[lines["is_desk"].isin(kinds)]
        .groupby(key, sort=False)[measures]
        .sum(skipna=False)
        .reset_index()
        .assign(scope=s)
        for s, kinds in SCOPES.items()
    ]
    return pd.concat(sums, ignore_index=True)


def _over_time(monthly: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Make one row of a line's months: flows add, opening is the first month's stock, closing the last one's."""
    kinds = {kind: [m.name for m in form.measures if m.over_time is kind] for kind in OverTime}
    flows = monthly.groupby(LINE, sort=False)[kinds[OverTime.FLOW]].sum(skipna=False)
    opening = monthly[monthly["month"] == monthly["first"]].set_index(LINE)[kinds[OverTime.OPENING]]
    closing = monthly[monthly["month"] == monthly["last"]].set_index(LINE)[kinds[OverTime.CLOSING]]
    joined = flows.join(opening, validate="one_to_one").join(closing, validate="one_to_one").reset_index()
    return joined.assign(**dict.fromkeys(kinds[OverTime.DERIVED], np.nan))


def _counts(expected: pd.DataFrame) -> pd.DataFrame:
    """Count the units that should be in each figure, and those that are, in all months."""
    accepted = expected.assign(is_in=expected["status"].str.startswith("accepted"))
    units = accepted.groupby(["unit", "is_desk"], sort=False)["is_in"].all().reset_index()
    scopes = [
        {"scope": scope, "unit": -1, "units_expected": len(chosen), "units_in": int(chosen["is_in"].sum())}
        for scope, kinds in SCOPES.items()
        if len(chosen := units[units["is_desk"].isin(kinds)])
    ]
    wards = pd.DataFrame(
        {"scope": "ward", "unit": units["unit"], "units_expected": 1, "units_in": units["is_in"].astype(int)}
    )
    counts = pd.concat([wards, pd.DataFrame(scopes, columns=wards.columns)], ignore_index=True)
    return counts.assign(is_partial=counts["units_in"] < counts["units_expected"])


def _completed(lines: pd.DataFrame, form: Form, months: int) -> pd.DataFrame:
    """Fill what follows from the sums; a derived measure by the first balance that it is the total of.

    Where months are missing, only that: their opening and closing stocks fit no other balance.
    """
    for measure in form.measures:
        definition = next((b for b in form.balances if b.total == measure.name), None)
        if definition and measure.over_time is OverTime.DERIVED:
            total = lines[list(definition.parts)].sum(axis=1, skipna=False)
            lines = lines.assign(**{measure.name: lines[measure.name].fillna(total)})
    if months == 1:
        return complete(form, lines)
    whole = ~lines["is_partial"]
    return pd.concat([complete(form, lines[whole]), lines[~whole]])


def _dressed(lines: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Name units, order lines as the reference does, and make counts of the measures."""
    measures = reference.form.measure_names
    fields = [*(field.code for field in reference.fields), UNLISTED, ALL]
    lines = lines.assign(field=lines["field"].fillna(ALL), source_system=lines["source_system"].fillna(ALL))
    places = {
        code: place
        for place, code in enumerate(dict.fromkeys([*fields[:-1], *sorted(set(lines["field"]) - {ALL}), ALL]))
    }
    order = pd.DataFrame({
        "scope": lines["scope"].map({scope: place for place, scope in enumerate(("ward", *SCOPES))}),
        "unit": lines["unit"],
        "field": lines["field"].map(places),
        "source_system": lines["source_system"],
    }).sort_values(LINE).index  # fmt: skip
    units = dict(enumerate(reference.units))
    named = lines.assign(
        unit_code=[units[unit].code if unit in units else "" for unit in lines["unit"]],
        unit_name=[units[unit].full_name if unit in units else "" for unit in lines["unit"]],
        **{m: lines[m].round().astype("Int64") for m in measures},
    )
    columns = [
        "scope",
        "unit_code",
        "unit_name",
        "field",
        "source_system",
        *measures,
        "units_expected",
        "units_in",
        "is_partial",
    ]
    return named.loc[order, columns].reset_index(drop=True)
