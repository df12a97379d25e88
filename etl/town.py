"""The hop from the warehouse to the town's dataset: a pure read, and the sums over wards and over periods.

A figure never hides what is not in it: a unit without an accepted report makes it partial, and a measure that a
unit reports nowhere and its balances leave open makes it missing.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pandas as pd
from sqlalchemy import Connection

from etl.adjustments import build_adjustments, compute_adjustment
from etl.periods import Period
from etl.recast import Group, find_groups_of
from etl.reference import Reference
from etl.town_dataset import Decision, TownDataset
from etl.town_lines import LINE, OWNER, build_monthly, complete_lines, gather, over_time
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
UNITS, GROUPS = "ward", "group"  # scopes of the lines of units: as they were, or recast
COUNTS = ("units_expected", "units_in", "units_rejected", "units_missing", "units_late", "units_waived", "units_closed")


def build_town(
    conn: Connection,
    reference: Reference,
    periods: Sequence[Period],
    as_of: datetime | None = None,
    *,
    units_of: date | None = None,
) -> TownDataset:
    """Build the dataset of periods that follow each other, as known now or at a moment.

    `units_of`: give the lines of units as groups of the units of that day, which is none before the last period's end.
    """
    ordered = tuple(sorted(periods))
    if not ordered or any(late.day_before != early.end for early, late in pairwise(ordered)):
        raise ValueError(f"periods must follow each other without a gap: {[period.key for period in ordered]}")
    if units_of and units_of < ordered[-1].end:
        raise ValueError(f"figures to {ordered[-1].end} cannot be recast to the units of {units_of}, a day before that")
    period = ordered[0] if len(ordered) == 1 else reference.town.calendar.days(ordered[0].start, ordered[-1].end)
    coverage = read_coverage(conn, reference, ordered, as_of or datetime.now(UTC), is_now=as_of is None)
    rows = read_rows(conn, reference, ordered, as_of)
    decisions = read_decisions(conn, reference, ordered, as_of)
    fingerprint = read_fingerprint(conn, ordered, as_of)
    groups = find_groups_of(reference, units_of) if units_of else None
    frame, adjustments = build_frame(rows, coverage, reference, ordered, groups=groups)
    return TownDataset(
        period=period,
        periods=ordered,
        frame=mark_decisions(frame, decisions, coverage, groups=groups),
        coverage=coverage.drop(columns=["unit", "month"]),
        fingerprint=fingerprint,
        restated=is_restated(conn, period, fingerprint, as_of),
        decisions=decisions,
        adjustments=adjustments,
        units_of=units_of,
        as_of=as_of,
        outside=tuple(group.code for group in groups or () if group.has_outside),
    )


def build_frame(
    rows: pd.DataFrame,
    coverage: pd.DataFrame,
    reference: Reference,
    periods: tuple[Period, ...],
    *,
    groups: Sequence[Group] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum the rows of reports over units and months; list the adjustments. See `TownDataset` for the shapes."""
    form, months = reference.form, len(periods)
    expected = coverage[coverage["expected"]]
    inside = expected.loc[expected["status"].str.startswith("accepted"), ["unit", "month", "is_desk"]]
    monthly = build_monthly(rows, inside, form)
    members = _members(coverage, groups)
    lines = gather(monthly, members, form)
    if months > 1:
        lines = over_time(lines, _spans(expected, members, last=months - 1), form)
    counted = _counts(coverage, members).merge(lines, on=OWNER, how="left", validate="one_to_many")
    completed = complete_lines(counted, form, months=months)
    completed = completed.assign(adjustment=compute_adjustment(completed, form))
    adjustments = build_adjustments(monthly, expected, reference, periods)
    return _dressed(completed, reference, groups), adjustments


def select_lines(
    dataset: TownDataset, *, unit: str | None = None, field: str | None = None, source_system: str | None = None
) -> TownDataset:
    """Keep the lines of a unit (code, name or full name), a field and a source system (codes); None keeps all of them.

    Sums over units go where a unit is chosen.
    """
    chosen = {"field": field, "source_system": source_system}

    def keep(table: pd.DataFrame) -> pd.DataFrame:
        table = table if unit is None else table.loc[_is_of(table, unit)]
        for column, wanted in chosen.items():
            if wanted is not None and column in table:
                table = table[table[column] == wanted]
        return table.reset_index(drop=True)

    return replace(
        dataset, frame=keep(dataset.frame), coverage=keep(dataset.coverage), adjustments=keep(dataset.adjustments)
    )


def _is_of(table: pd.DataFrame, unit: str) -> "pd.Series[bool]":
    """Tell which rows are of a unit, or of a group that it is in."""
    places = zip(table["unit_code"], table["unit_name"], strict=True)
    return pd.Series([unit in _names_of(code, name) for code, name in places], index=table.index, dtype="bool")


def _names_of(code: str, name: str) -> set[str]:
    parts = re.split(r" \+ | → |, ", name)
    return {code, name, *code.split(" + "), *parts, *(part.partition(" ")[2] for part in parts)}


def mark_decisions(
    frame: pd.DataFrame,
    decisions: Sequence[Decision],
    coverage: pd.DataFrame,
    *,
    groups: Sequence[Group] | None = None,
) -> pd.DataFrame:
    """Count in each figure the accepted findings and the corrected figures of the reports in it."""
    inside = coverage[coverage["expected"]]
    places = zip(inside["unit_code"], inside["unit_name"], strict=True)
    units = dict(zip(places, zip(inside["unit"], inside["is_desk"], strict=True), strict=True))
    codes = {unit: group.code for group in groups or () for unit in group.units}
    counts = {kind: pd.Series(0, index=frame.index, dtype="Int64") for kind in ("waiver", "correction")}
    for decision in decisions:
        name = (decision.unit_code, decision.unit_name)
        if name not in units:
            continue
        unit, is_desk = units[name]
        if groups is None:
            own = frame["scope"].eq(UNITS) & frame["unit_code"].eq(name[0]) & frame["unit_name"].eq(name[1])
        else:
            own = frame["scope"].eq(GROUPS) & frame["unit_code"].eq(codes[unit])
        summed = frame["scope"].isin([scope for scope, kinds in SCOPES.items() if is_desk in kinds])
        touched = frame["field"].eq(ALL) | (decision.field is None) | frame["field"].eq(decision.field or ALL)
        counts[decision.kind] += ((own | summed) & touched).astype("Int64")
    return frame.assign(waived=counts["waiver"], corrected=counts["correction"])


def _members(coverage: pd.DataFrame, groups: Sequence[Group] | None) -> pd.DataFrame:
    """Say to which lines each unit belongs. *Shape*: part (the unit), scope, unit (-1 for the sums)."""
    parts = coverage.loc[coverage["expected"] | coverage["is_closed"], ["unit", "is_desk"]].drop_duplicates()
    owners = {unit: group.units[0] for group in groups or () for unit in group.units}
    own = pd.DataFrame({
        "part": parts["unit"],
        "scope": GROUPS if groups is not None else UNITS,
        "unit": [owners.get(unit, unit) for unit in parts["unit"]],
    })  # fmt: skip
    sums = [
        pd.DataFrame({"part": parts.loc[parts["is_desk"].isin(kinds), "unit"], "scope": scope, "unit": -1})
        for scope, kinds in SCOPES.items()
    ]
    return pd.concat([own, *sums], ignore_index=True)


def _spans(expected: pd.DataFrame, members: pd.DataFrame, *, last: int) -> pd.DataFrame:
    """Give the first and last month in which a line is expected; a sum over units reaches from end to end."""
    months = expected[["unit", "month"]].rename(columns={"unit": "part"})
    spans = members.merge(months, on="part").groupby(OWNER)["month"].agg(first="min", last="max").reset_index()
    is_sum = spans["unit"] == -1
    return spans.assign(
        begins_empty=is_sum & (spans["first"] > 0),
        ends_empty=is_sum & (spans["last"] < last),
        first=spans["first"].mask(is_sum, 0),
        last=spans["last"].mask(is_sum, last),
    )


def _counts(coverage: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Count the units that should be in each line, those that are in all their months, and why others are not."""
    accepted = coverage["status"].str.startswith("accepted")
    states = coverage.assign(
        is_in=accepted,
        was_rejected=coverage["status"].eq("rejected"),
        was_late=accepted & coverage["is_late"].eq(True),
        was_waived=accepted & coverage["waived"].gt(0),
    )
    each = states[states["expected"]].groupby("unit")
    units = each["is_in"].all().to_frame().join(each[["was_rejected", "was_late", "was_waived"]].any())
    closed = states.loc[states["is_closed"], ["unit"]].drop_duplicates().assign(units_closed=1).set_index("unit")
    units = units.join(closed, how="outer")
    is_expected, is_in = units["is_in"].notna(), units["is_in"].eq(True)
    rejected = is_expected & ~is_in & units["was_rejected"].eq(True)
    counted = pd.DataFrame({
        "units_expected": is_expected,
        "units_in": is_in,
        "units_rejected": rejected,
        "units_missing": is_expected & ~is_in & ~rejected,
        "units_late": is_in & units["was_late"].eq(True),
        "units_waived": is_in & units["was_waived"].eq(True),
        "units_closed": units["units_closed"].eq(1),
    }).astype("int64")  # fmt: skip
    joined = members.merge(counted, left_on="part", right_index=True, validate="many_to_one")
    sums = joined.groupby(OWNER, sort=False)[list(COUNTS)].sum().reset_index()
    sums = sums[sums["units_expected"] > 0]  # a unit that ended in the only period owes nothing and has no line
    return sums.assign(is_partial=sums["units_in"] < sums["units_expected"])


def _dressed(lines: pd.DataFrame, reference: Reference, groups: Sequence[Group] | None) -> pd.DataFrame:
    """Name units, order lines as the reference does, and make counts of the measures."""
    counts = [*reference.form.measure_names, "adjustment"]
    fields = [*(field.code for field in reference.fields), UNLISTED, ALL]
    lines = lines.assign(field=lines["field"].fillna(ALL), source_system=lines["source_system"].fillna(ALL))
    places = {
        code: place
        for place, code in enumerate(dict.fromkeys([*fields[:-1], *sorted(set(lines["field"]) - {ALL}), ALL]))
    }
    order = pd.DataFrame({
        "scope": lines["scope"].map({scope: place for place, scope in enumerate((UNITS, GROUPS, *SCOPES))}),
        "unit": lines["unit"],
        "field": lines["field"].map(places),
        "source_system": lines["source_system"].where(lines["source_system"] != ALL, "\uffff"),
    }).sort_values(LINE).index  # fmt: skip
    names = {place: (unit.code, unit.full_name) for place, unit in enumerate(reference.units)}
    names |= {group.units[0]: (group.code, group.name) for group in groups or ()}
    named = lines.assign(
        unit_code=[names[unit][0] if unit in names else "" for unit in lines["unit"]],
        unit_name=[names[unit][1] if unit in names else "" for unit in lines["unit"]],
        **{m: lines[m].round().astype("Int64") for m in counts},
    )
    columns = ["scope", "unit_code", "unit_name", "field", "source_system", *counts, *COUNTS, "is_partial"]
    return named.loc[order, columns].reset_index(drop=True)
