"""What has to be added to opening + received − resolved to give the closing stock, and why, to the last dossier."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from etl.forms import Form
from etl.periods import Period
from etl.reference import Reference
from etl.successions import SuccessionGroup
from etl.town_dataset import ADJUSTMENT_COLUMNS, AdjustmentKind, no_adjustments
from etl.town_lines import PLACE

UNIT_LINE = ["unit", *PLACE]


def compute_adjustment(lines: pd.DataFrame, form: Form) -> pd.Series:
    """Give closing − (opening + coming − going) of each line. *Missing*: NaN where one of them is."""
    flow = form.stock_flow
    if flow is None:
        return pd.Series(np.nan, index=lines.index)
    given = lines[flow.opening] + lines[list(flow.coming)].sum(axis=1, skipna=False)
    at_hand = given.fillna(lines[flow.total])
    return lines[flow.closing] + lines[list(flow.going)].sum(axis=1, skipna=False) - at_hand


def build_adjustments(
    monthly: pd.DataFrame, expected: pd.DataFrame, reference: Reference, periods: tuple[Period, ...]
) -> pd.DataFrame:
    """List what the adjustments of the sums consist of: each step between two months, entry, exit, or broken row.

    *Shape* of `monthly`: see `etl.town_lines.build_monthly`; of `expected`: unit, month; of the result: see
    `etl.town_dataset.ADJUSTMENT_COLUMNS`. *Missing*: steps of which one side is unknown are listed together, as what
    they must be by the stocks at both ends; where these are unknown too, so is the figure.
    """
    flow = reference.form.stock_flow
    if flow is None or monthly.empty:
        return no_adjustments()
    last = len(periods) - 1
    steps = pd.concat(_steps(monthly, expected, reference.form, last=last), ignore_index=True)
    steps = _with_unreported(steps, monthly, reference.form, last=last)
    steps = _joined_by_succession(steps, reference, periods)
    steps = steps[steps["amount"] != 0].sort_values(["month", *UNIT_LINE], ignore_index=True)
    units = reference.units
    return pd.DataFrame({
        "unit_code": [code or units[unit].code for code, unit in zip(steps["code"], steps["unit"], strict=True)],
        "unit_name": [name or units[unit].full_name for name, unit in zip(steps["name"], steps["unit"], strict=True)],
        "is_desk": [not reference.is_ward(units[unit]) for unit in steps["unit"]],
        "period_key": [periods[month].key for month in steps["month"]],
        "field": steps["field"],
        "source_system": steps["source_system"],
        "amount": steps["amount"].round().astype("Int64"),
        "kind": steps["kind"].astype("str"),
    }, columns=ADJUSTMENT_COLUMNS)  # fmt: skip


def _steps(monthly: pd.DataFrame, expected: pd.DataFrame, form: Form, *, last: int) -> Iterator[pd.DataFrame]:
    """Follow each unit's line through the months that are in; `month` is the one that opens with the step."""
    flow = form.stock_flow
    assert flow is not None
    spans = expected.groupby("unit")["month"].agg(first="min", last="max").reset_index()
    lines = monthly.merge(spans, on="unit", validate="many_to_one").sort_values(
        [*UNIT_LINE, "month"], ignore_index=True
    )
    before = lines.groupby(UNIT_LINE, sort=False)[["month", flow.closing]].shift(1)
    after = lines.groupby(UNIT_LINE, sort=False)["month"].shift(-1)
    yield _step(lines, compute_adjustment(lines, form), AdjustmentKind.ROW)
    is_next = before["month"] == lines["month"] - 1
    gap = lines[flow.opening] - before[flow.closing]
    yield _step(lines[is_next], gap, AdjustmentKind.BREAK)
    yield _step(lines[before["month"].notna() & ~is_next], gap, AdjustmentKind.ABSENT)
    enters = before["month"].isna() & (lines["month"] > 0)
    leaves = after.isna() & (lines["month"] < last)
    is_new, is_last = lines["month"] == lines["first"], lines["month"] == lines["last"]
    yield _step(lines[enters & is_new], lines[flow.opening], AdjustmentKind.JOINED)
    yield _step(lines[enters & ~is_new], lines[flow.opening], AdjustmentKind.ABSENT)
    going = lines.assign(month=lines["month"] + 1)
    yield _step(going[leaves & is_last], -lines[flow.closing], AdjustmentKind.LEFT)
    yield _step(going[leaves & ~is_last], -lines[flow.closing], AdjustmentKind.ABSENT)


def _step(lines: pd.DataFrame, amounts: pd.Series, kind: AdjustmentKind) -> pd.DataFrame:
    """Lay steps out; those of 0 stay, because what a merger joins is known by them."""
    steps = lines[["unit", "month", *PLACE]].assign(
        amount=amounts.reindex(lines.index), kind=str(kind), code="", name=""
    )
    is_between = kind in (AdjustmentKind.JOINED, AdjustmentKind.LEFT)
    return steps if is_between else steps[steps["amount"] != 0]


def _with_unreported(steps: pd.DataFrame, monthly: pd.DataFrame, form: Form, *, last: int) -> pd.DataFrame:
    """Put, for the steps of a line that are unknown, the one number that all of them together must be."""
    flow = form.stock_flow
    assert flow is not None
    unknown = steps.loc[steps["amount"].isna(), UNIT_LINE].drop_duplicates()
    known = steps[steps["amount"].notna()]
    if unknown.empty:
        return known
    lines = monthly.merge(unknown, on=UNIT_LINE, validate="many_to_one")
    opening = lines[flow.opening].where(lines["month"] == 0, 0.0)
    closing = lines[flow.closing].where(lines["month"] == last, 0.0)
    net = lines[list(flow.coming)].sum(axis=1, skipna=False) - lines[list(flow.going)].sum(axis=1, skipna=False)
    must_be = lines[UNIT_LINE].assign(amount=closing - opening - net, month=lines["month"])
    totals = must_be.groupby(UNIT_LINE, sort=False).agg(
        amount=("amount", lambda amounts: amounts.sum(skipna=False)), month=("month", "max")
    )
    told = known.groupby(UNIT_LINE)["amount"].sum().reindex(totals.index, fill_value=0.0)
    left = totals.assign(amount=totals["amount"] - told).reset_index()
    left = left.assign(kind=str(AdjustmentKind.UNREPORTED), code="", name="")
    return pd.concat([known, left[left["amount"].notna()]], ignore_index=True)


@dataclass(frozen=True, slots=True)
class _Passage:
    """A group of units that went into one another: who left and who came, as positions in the reference."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    code: str
    name: str


def _passages(
    groups: Iterable[SuccessionGroup], reference: Reference, *, first: date, last: date
) -> Iterator[_Passage]:
    places = {(unit.code, unit.valid_from): place for place, unit in enumerate(reference.units)}
    for group in groups:
        if first < group.on_date <= last and group.successors:
            olds, news = group.predecessors, group.successors
            names = (", ".join(unit.name for unit in side) for side in (olds, news))
            yield _Passage(
                tuple(places[unit.code, unit.valid_from] for unit in olds),
                tuple(places[unit.code, unit.valid_from] for unit in news),
                " + ".join(unit.code for unit in news),
                " → ".join(names),
            )


def _joined_by_succession(steps: pd.DataFrame, reference: Reference, periods: tuple[Period, ...]) -> pd.DataFrame:
    """Weigh what the units of a group left behind against what their successors opened with.

    Where one of them is not in at that moment the difference says nothing about the stocks: its cause is the absence.
    """
    moved = steps["kind"].isin([AdjustmentKind.JOINED, AdjustmentKind.LEFT])
    rest = [steps[~moved]]
    moving = steps[moved]
    for passage in _passages(reference.succession_groups, reference, first=periods[0].end, last=periods[-1].end):
        own = moving[
            (moving["unit"].isin(passage.before) & moving["kind"].eq(AdjustmentKind.LEFT))
            | (moving["unit"].isin(passage.after) & moving["kind"].eq(AdjustmentKind.JOINED))
        ]
        if own.empty:
            continue
        moving = moving.drop(own.index)
        is_whole = set(own["unit"]) >= {*passage.before, *passage.after}
        summed = own.groupby(PLACE, sort=False)["amount"].sum(skipna=False).reset_index()
        kind = AdjustmentKind.SUCCESSION if is_whole else AdjustmentKind.ABSENT
        place = {"unit": (passage.after or passage.before)[0], "month": int(own["month"].max())}
        rest.append(summed.assign(**place, kind=str(kind), code=passage.code, name=passage.name))
    return pd.concat([*rest, moving], ignore_index=True)
