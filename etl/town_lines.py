"""The lines of a town's figures: each unit and each sum over units, by field and source system, also over all of them.

Nothing is hidden by adding: a field without a row counts 0 in a month that was reported by fields and is unknown in one
that was not, and a sum is unknown where any part of it is.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from etl.completion import complete
from etl.forms import Form, OverTime
from etl.warehouse.town_inputs import ALL

OWNER = ["scope", "unit"]  # unit: a position in the reference; of a group, that of its first unit; -1 for the sums
PLACE = ["field", "source_system"]
LINE = [*OWNER, *PLACE]
REPORT = ["unit", "month"]


def build_monthly(rows: pd.DataFrame, inside: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Lay the rows of reports out over the full grid of all fields and source systems that any of them names.

    *Shape* of `inside`: unit, month, is_desk of the reports that are in; of the result: these, field, source_system,
    is_given (the report names this place), the measures (float64).
    """
    measures, key = list(form.measure_names), [*REPORT, *PLACE]
    known = complete(form, rows).merge(inside[REPORT], on=REPORT, how="inner", validate="many_to_one")
    undivided = known.loc[known["field"] == ALL, REPORT].drop_duplicates().assign(is_undivided=True)
    marked = known.merge(undivided, on=REPORT, how="left", validate="many_to_one")
    divided = marked[marked["field"] != ALL]
    whole = marked[(marked["field"] == ALL) | ~marked["is_undivided"].eq(True)].assign(field=ALL)
    levels = [divided.assign(source_system=ALL), whole.assign(source_system=ALL)]
    if known["source_system"].ne("").any():
        levels += [divided, whole]
    given = pd.concat(levels, ignore_index=True)
    summed = given.groupby(key, sort=False)[measures].sum(skipna=False).reset_index().assign(is_given=True)
    places = pd.concat([summed[PLACE], pd.DataFrame([[ALL, ALL]], columns=PLACE)]).drop_duplicates(ignore_index=True)
    grid = inside.merge(places, how="cross").merge(undivided, on=REPORT, how="left", validate="many_to_one")
    named = divided[[*REPORT, "source_system"]].drop_duplicates().assign(is_named=True)  # by a field, if not the whole
    grid = grid.merge(named, on=[*REPORT, "source_system"], how="left", validate="many_to_one")
    monthly = grid.merge(summed, on=key, how="left", validate="one_to_one")
    is_given = monthly["is_given"].eq(True)
    is_unknown = monthly["is_undivided"].eq(True) & (monthly["field"].ne(ALL) | monthly["is_named"].eq(True))
    monthly[measures] = monthly[measures].mask(~is_given & ~is_unknown, 0.0)
    return monthly.assign(is_given=is_given).drop(columns=["is_undivided", "is_named"])


def gather(monthly: pd.DataFrame, members: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Add up each month over the units that belong together, at the places that any of their reports names.

    *Shape* of `members`: part (a unit), and the scope and unit that it belongs to, maybe several; of the result: scope,
    unit, field, source_system, month, the measures.
    """
    joined = monthly.rename(columns={"unit": "part"}).merge(members, on="part", validate="many_to_many")
    places = joined.loc[joined["is_given"], LINE].drop_duplicates()
    named = places.loc[~places["source_system"].isin(["", ALL]), OWNER].drop_duplicates().assign(is_named=True)
    places = places.merge(named, on=OWNER, how="left", validate="many_to_one")
    places = places.loc[places["source_system"].eq(ALL) | places["is_named"].eq(True), LINE]
    whole = joined[OWNER].drop_duplicates().assign(field=ALL, source_system=ALL)
    places = pd.concat([places, whole]).drop_duplicates()
    kept = joined.merge(places, on=LINE, validate="many_to_one")
    sums = kept.groupby([*LINE, "month"], sort=False)[list(form.measure_names)].sum(skipna=False)
    return sums.reset_index()


def over_time(lines: pd.DataFrame, spans: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Make one row of a line's months: flows add, opening is the first month's stock, closing the last one's.

    *Shape* of `spans`: scope, unit, first and last (whose stocks they are), begins_empty and ends_empty (nobody is
    expected in that month: the sum holds nothing). *Missing*: a stock whose month is not in, and what follows from it.
    """
    kinds = {kind: [m.name for m in form.measures if m.over_time is kind] for kind in OverTime}
    dated = lines.merge(spans, on=OWNER, how="inner", validate="many_to_one")
    flows = dated.groupby(LINE, sort=False)[kinds[OverTime.FLOW]].sum(skipna=False)
    opening = dated[dated["month"] == dated["first"]].set_index(LINE)[kinds[OverTime.OPENING]]
    closing = dated[dated["month"] == dated["last"]].set_index(LINE)[kinds[OverTime.CLOSING]]
    joined = flows.join(opening, validate="one_to_one").join(closing, validate="one_to_one").reset_index()
    ends = joined[OWNER].merge(spans, on=OWNER, how="left", validate="many_to_one")
    for stocks, is_empty in ((opening, ends["begins_empty"]), (closing, ends["ends_empty"])):
        joined[stocks.columns] = joined[stocks.columns].mask(is_empty, 0.0)
    return joined.assign(**dict.fromkeys(kinds[OverTime.DERIVED], np.nan))


def complete_lines(lines: pd.DataFrame, form: Form, *, months: int) -> pd.DataFrame:
    """Fill what follows from the sums; a derived measure by the first balance that it is the total of.

    Over several months the stocks need not continue: the balance that joins opening and closing tells nothing then.
    Where reports are missing even less is told: their opening and closing stocks fit no other balance.
    """
    lines = add_totals(lines, form)
    if months == 1:
        return complete(form, lines)
    is_whole = ~lines["is_partial"]
    return pd.concat([complete(_without_flow(form), lines[is_whole]), lines[~is_whole]])


def add_totals(lines: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Add up the derived measures from their parts."""
    for measure in form.measures:
        definition = next((b for b in form.balances if b.total == measure.name), None)
        if definition and measure.over_time is OverTime.DERIVED:
            total = lines[list(definition.parts)].sum(axis=1, skipna=False)
            lines = lines.assign(**{measure.name: lines[measure.name].fillna(total)})
    return lines


def _without_flow(form: Form) -> Form:
    flow = form.stock_flow
    return form if flow is None else replace(form, balances=tuple(b for b in form.balances if b.name != flow.balance))
