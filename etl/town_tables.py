"""Lay out what a town's dataset is judged by: its tables, each with what the reference and the calendar know of it."""

import pandas as pd

from etl.periods import Period, parse_period
from etl.recast import find_groups_of
from etl.reference import Reference
from etl.town_dataset import TownDataset

UNIT = ["unit_code", "unit_name"]
OWNER = ["scope", *UNIT]
PLACE = ["field", "source_system"]
ALL = "all"
SUMS: dict[str, tuple[bool, ...]] = {
    "wards": (False,),
    "desk": (True,),
    "town": (False, True),
}  # scope → is_desk of its units


def lay_lines(dataset: TownDataset, reference: Reference) -> pd.DataFrame:
    """Give the lines with what the coverage knows of their units.

    *Shape*: those of the frame, and members, members_in (Int64), is_desk, has_opening, has_flow, has_closing.
    """
    units = _member_states(dataset, reference)
    own = _owner_states(units, "ward" if dataset.units_of is None else "group", SUMS["town"], is_own=True)
    sums = [_owner_states(units, scope, kinds, is_own=False) for scope, kinds in SUMS.items()]
    states = pd.concat([own, *sums], ignore_index=True)
    counted = states.astype({"members": "Int64", "members_in": "Int64"})
    lines = dataset.frame.merge(counted, on=OWNER, how="left", validate="many_to_one")
    flags = ["is_desk", "has_opening", "has_flow", "has_closing"]
    return lines.assign(**{flag: lines[flag].eq(True) for flag in flags})


def lay_coverage(dataset: TownDataset, reference: Reference) -> pd.DataFrame:
    """Give who is in, and who should stand there, with whether the frame has its line and those of its sums.

    *Shape*: unit_code, unit_name, period_key, expected, is_in, is_wanted, has_line.
    """
    wanted = pd.DataFrame(
        [(u.code, u.full_name, period.key) for period in dataset.periods for u in reference.expected_units(period)],
        columns=[*UNIT, "period_key"],
    ).assign(is_wanted=True)
    own = dataset.coverage[[*UNIT, "period_key", "expected", "status", "is_desk"]]
    table = own.merge(wanted, on=[*UNIT, "period_key"], how="outer", validate="many_to_one")
    is_whole = dataset.frame["field"].eq(ALL) & dataset.frame["source_system"].eq(ALL)
    whole = dataset.frame[is_whole]
    scopes = set(whole["scope"])
    summed = {is_desk: {"town", "desk" if is_desk else "wards"} <= scopes for is_desk in (True, False)}
    lines = whole.loc[~whole["scope"].isin(list(SUMS)), UNIT].drop_duplicates()
    owners = _owners(dataset, reference).merge(
        lines.assign(has_line=True), left_on=["owner_code", "owner_name"], right_on=UNIT, suffixes=("", "_line")
    )
    table = table.merge(owners[[*UNIT, "has_line"]], on=UNIT, how="left", validate="many_to_one")
    return table.assign(
        expected=table["expected"].eq(True),
        is_wanted=table["is_wanted"].eq(True),
        has_line=table["has_line"].eq(True) & table["is_desk"].eq(True).map(summed),
        is_in=table["status"].fillna("").str.startswith("accepted"),
    )


def lay_adjustments(dataset: TownDataset) -> pd.DataFrame:
    """Give the adjustment of each sum over units beside what is listed for it.

    *Shape*: scope, field, source_system, adjustment, amount (Int64), has_line.
    """
    listed = [
        dataset.adjustments[dataset.adjustments["is_desk"].isin(kinds)]
        .groupby(PLACE)["amount"]
        .sum()
        .reset_index()
        .assign(scope=scope)
        for scope, kinds in SUMS.items()
    ]
    sums = dataset.frame.loc[dataset.frame["scope"].isin(list(SUMS)), ["scope", *PLACE, "adjustment"]]
    lines = sums.drop_duplicates(["scope", *PLACE]).assign(has_line=True)
    named = set(lines.loc[lines["source_system"] != ALL, "scope"])
    bare = lines[~lines["scope"].isin(named)]  # they name no source system: all of theirs is by none
    lines = pd.concat([lines, bare.assign(source_system="")], ignore_index=True)
    amounts = pd.concat(listed, ignore_index=True)
    table = lines.merge(amounts, on=["scope", *PLACE], how="outer", validate="one_to_one")
    is_bare = table["source_system"].eq("") & ~table["scope"].isin(named) & table["amount"].isna()
    table = table[~is_bare]
    return table.assign(amount=table["amount"].fillna(0).astype("Int64"), has_line=table["has_line"].eq(True))


def lay_months(dataset: TownDataset, reference: Reference, months: pd.DataFrame) -> pd.DataFrame:
    """Give the town's months in their order, those of the dataset marked; one that is published alone, as it is now.

    *Shape* of `months`: see `etl.publishing.release.Release`; of the result: period_key, units_expected, units_in, the
    measures, is_judged, follows (the row before is the period just before).
    """
    measures = ["units_expected", "units_in", *reference.form.measure_names]
    town = months.loc[months["scope"] == "town", ["period_key", *measures]] if len(months) else pd.DataFrame()
    if len(dataset.periods) == 1 and dataset.period.is_month:
        frame = dataset.frame
        whole = frame["scope"].eq("town") & frame["field"].eq(ALL) & frame["source_system"].eq(ALL)
        now = frame.loc[whole, measures].head(1).assign(period_key=dataset.period.key)
        earlier = town[town["period_key"] != dataset.period.key] if len(town) else town
        town = pd.concat([part for part in (earlier, now) if len(part)], ignore_index=True)
    if town.empty:
        return pd.DataFrame(columns=["period_key", *measures, "is_judged", "follows"])
    periods = [_period(key, reference) for key in town["period_key"]]
    ordered = sorted(range(len(periods)), key=lambda at: periods[at])
    keys = {period.key for period in dataset.periods}
    pairs = [(periods[at], periods[ordered[i - 1]] if i else None) for i, at in enumerate(ordered)]
    return town.iloc[ordered].assign(
        is_judged=[now.key in keys for now, _ in pairs],
        follows=[before is not None and now.day_before == before.end for now, before in pairs],
    ).reset_index(drop=True)  # fmt: skip


def _period(key: str, reference: Reference) -> Period:
    period = parse_period(key, reference.town.calendar)
    assert period is not None, key
    return period


def _owners(dataset: TownDataset, reference: Reference) -> pd.DataFrame:
    """Say in which line of units each unit is. *Shape*: unit_code, unit_name, owner_code, owner_name."""
    owners = {(unit.code, unit.full_name): (unit.code, unit.full_name) for unit in reference.units}
    if dataset.units_of is not None:
        for group in find_groups_of(reference, dataset.units_of):
            for place in group.units:
                unit = reference.units[place]
                owners[unit.code, unit.full_name] = (group.code, group.name)
    return pd.DataFrame(
        [(*unit, *owner) for unit, owner in owners.items()], columns=[*UNIT, "owner_code", "owner_name"]
    )


def _member_states(dataset: TownDataset, reference: Reference) -> pd.DataFrame:
    """Say of each expected unit whether it is in: in all its periods, in any, in the first and the last of them all."""
    coverage = dataset.coverage.drop_duplicates([*UNIT, "period_key"])
    owed = coverage[coverage["expected"].eq(True)]
    is_in = owed["status"].str.startswith("accepted")
    first, last = (owed["period_key"].eq(period.key) for period in (dataset.periods[0], dataset.periods[-1]))
    marked = owed[[*UNIT, "is_desk"]].assign(
        is_in=is_in, has_flow=is_in, has_opening=is_in & first, has_closing=is_in & last
    )
    states = marked.groupby(UNIT, sort=False).agg(
        is_desk=("is_desk", "first"), is_in=("is_in", "all"), has_flow=("has_flow", "any"),
        has_opening=("has_opening", "any"), has_closing=("has_closing", "any"),
    ).reset_index()  # fmt: skip
    return states.merge(_owners(dataset, reference), on=UNIT, how="left", validate="one_to_one")


def _owner_states(units: pd.DataFrame, scope: str, kinds: tuple[bool, ...], *, is_own: bool) -> pd.DataFrame:
    """Count the units of each line of a scope, and say when any of them is in."""
    members = units.loc[units["is_desk"].isin(kinds)].drop(columns=UNIT)
    if not is_own:
        members = members.assign(owner_code="", owner_name="")
    states = members.groupby(["owner_code", "owner_name"], sort=False).agg(
        members=("is_in", "size"), members_in=("is_in", "sum"), is_desk=("is_desk", "first"),
        has_flow=("has_flow", "any"), has_opening=("has_opening", "any"), has_closing=("has_closing", "any"),
    ).reset_index()  # fmt: skip
    return states.rename(columns={"owner_code": "unit_code", "owner_name": "unit_name"}).assign(scope=scope)
