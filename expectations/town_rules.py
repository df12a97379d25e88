"""Find where a town's dataset breaks its rules: whole tables at a time, one pass, nothing cut off.

The expectations call these functions by their names in `JUDGES`; `etl.check_town` lays out the tables and puts what
is found into words. *Shape* of all that is found: one row a breach, with found and expected (float64) where the rule
compares numbers, and the columns that name the place.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from expectations.town_algebra import Algebra
from expectations.town_sums import find_sum_breaches, find_undivided

UNIT = ["unit_code", "unit_name"]
OWNER = ["scope", *UNIT]
KEY = [*OWNER, "field", "source_system"]
FACTOR = 3.0  # how many times the usual, or what part of it, the town's figure of a month may be
FEWEST_MONTHS, MOST_MONTHS = 6, 12  # of the past that a month is held against
FEWEST_DOSSIERS = 50.0  # a smaller difference is nobody's question in a whole town
COMPARABLE = 0.8  # share of the units that must be in for a month to be small for another reason

Judge = Callable[[pd.DataFrame, Algebra], pd.DataFrame]


def find_doubled(table: pd.DataFrame, _: Algebra) -> pd.DataFrame:
    """Find lines, or units in the coverage of a period, that stand more than once."""
    key = KEY if "scope" in table else [*UNIT, "period_key"]
    doubled: pd.DataFrame = table.loc[table.duplicated(key), key]
    return doubled


def find_dropped_units(table: pd.DataFrame, _: Algebra) -> pd.DataFrame:
    """Find units that the coverage leaves out or invents, and those that are in and have no line.

    *Shape* of `table`: a row per unit and period: unit_code, unit_name, period_key, is_wanted (the reference expects
    it), expected (the coverage does), is_in, has_line.
    """
    is_other = table["is_wanted"] != table["expected"]
    is_lost = table["expected"] & table["is_in"] & ~table["has_line"]
    wrong: pd.DataFrame = table.loc[is_other | is_lost, [*UNIT, "period_key", "is_wanted", "expected", "has_line"]]
    return wrong


def find_miscounted(lines: pd.DataFrame, _: Algebra) -> pd.DataFrame:
    """Find lines whose numbers of units are not those of the coverage, or do not add up.

    Needs members and members_in (Int64): how many units the coverage expects in the line, and how many are in in all
    their periods. *Missing*: <NA> where it knows no such line: that is a breach.
    """
    split = lines["units_in"] + lines["units_rejected"] + lines["units_missing"]
    fits = (lines["units_expected"] == lines["members"]) & (lines["units_in"] == lines["members_in"])
    is_right = (fits & (split == lines["units_expected"])).fillna(False).astype(bool)
    is_right &= lines["is_partial"].eq(lines["units_in"] < lines["units_expected"])
    wrong = lines[~is_right]
    return wrong[KEY].assign(found=wrong["units_in"], expected=wrong["members_in"])


def find_unexplained_stocks(lines: pd.DataFrame, algebra: Algebra) -> pd.DataFrame:
    """Find lines on which opening + coming − going + adjustment is not the closing stock.

    *Missing*: not judged where a stock or a flow is; an adjustment that is missing where they are known is a breach.
    """
    if not algebra.stock:
        return pd.DataFrame(columns=[*KEY, "found", "expected"])
    opening, closing, coming, going, total = algebra.stock
    given = lines[opening] + lines[list(coming)].sum(axis=1, skipna=False)
    at_hand = given.fillna(lines[total])
    must_be = lines[closing] - at_hand + lines[list(going)].sum(axis=1, skipna=False)
    is_wrong = must_be.notna() & (lines["adjustment"].isna() | (lines["adjustment"] != must_be).fillna(False))
    wrong: pd.DataFrame = lines.loc[is_wrong, [*KEY, "adjustment"]]
    return wrong.rename(columns={"adjustment": "found"}).assign(expected=must_be[is_wrong])


def find_unequal_adjustments(table: pd.DataFrame, _: Algebra) -> pd.DataFrame:
    """Find sums over units whose adjustment is not what the list of adjustments adds up to.

    *Shape* of `table`: a row per scope and place: the adjustment (<NA>: unknown, not judged), amount (0 where nothing
    is listed), has_line (False: something is listed for a line that there is not).
    """
    is_other = (table["adjustment"] != table["amount"]).fillna(False).astype(bool)
    is_wrong = is_other | (~table["has_line"] & table["amount"].ne(0))
    wrong = table[is_wrong]
    place = wrong[["scope", "field", "source_system"]].assign(unit_code="", unit_name="")
    return place[KEY].assign(found=wrong["adjustment"], expected=wrong["amount"])


def find_large_parts(lines: pd.DataFrame, algebra: Algebra) -> pd.DataFrame:
    """Find parts that exceed their total, whatever the other parts say; of each line's part the closest total.

    What a stock can give is the total with the adjustment; over several periods it is not judged without one.
    Of sums over units only what no line of a unit shows, and of a unit the finest line that shows it.
    """
    found = pd.concat([pd.DataFrame(columns=[*KEY, "measure", "total", "found", "expected"]), *_large(lines, algebra)])
    is_sum = found["unit_name"].eq("")
    level = found["field"].eq("all").astype(int) * 2 + found["source_system"].eq("all").astype(int)
    ordered = found.assign(is_sum=is_sum, level=level).sort_values(["is_sum", "level"], kind="stable")
    ordered = ordered.drop_duplicates([*KEY, "measure"]).drop_duplicates([*OWNER, "measure", "total"])
    shown = set(ordered.loc[~ordered["is_sum"], "measure"])
    kept = ordered[~ordered["is_sum"] | ~ordered["measure"].isin(shown)]
    return kept.drop(columns=["is_sum", "level"]).reset_index(drop=True)


def _large(lines: pd.DataFrame, algebra: Algebra) -> Iterator[pd.DataFrame]:
    """Give the lines that break each pair of a total and a part."""
    names = ["adjustment", *algebra.measures]
    figures = {name: lines[name].to_numpy(dtype="float64", na_value=np.nan) for name in names}
    adjustment = figures["adjustment"] if algebra.is_range else np.nan_to_num(figures["adjustment"])
    for total, part, is_adjusted in algebra.pairs:
        most = figures[total] + adjustment if is_adjusted else figures[total]
        at = np.flatnonzero(figures[part] > most)
        if len(at):
            yield lines.iloc[at][KEY].assign(measure=part, total=total, found=figures[part][at], expected=most[at])


def find_lower_coverage(months: pd.DataFrame, _: Algebra) -> pd.DataFrame:
    """Find the months in which a smaller share of the units is in than in the month before.

    *Shape* of `months`: the oldest first: period_key, units_expected, units_in, is_judged, follows (the row before is
    the month before). Of what is found: period_key, found and expected (units in), of and expected_of (units expected).
    """
    inside, owed = (months[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("units_in", "units_expected"))
    before_in, before_owed = (np.concatenate([[np.nan], values[:-1]]) for values in (inside, owed))
    is_lower = inside * before_owed < before_in * owed  # shares, without dividing
    at = np.flatnonzero(is_lower & months["is_judged"].to_numpy(dtype=bool) & months["follows"].to_numpy(dtype=bool))
    return pd.DataFrame({
        "period_key": months["period_key"].to_numpy()[at], "found": inside[at], "of": owed[at],
        "before": months["period_key"].to_numpy()[at - 1], "expected": before_in[at], "expected_of": before_owed[at],
    })  # fmt: skip


def find_odd_magnitudes(months: pd.DataFrame, algebra: Algebra) -> pd.DataFrame:
    """Find the town's flows of a month that are far from the median of the months before.

    *Shape* of `months`: see `find_lower_coverage`, and the measures. A month that lacks many units is no yardstick,
    and can be too large only. *Missing*: a figure that is not known is neither judged nor past.
    """
    share = (months["units_in"] / months["units_expected"]).to_numpy(dtype="float64", na_value=0.0)
    found = []
    for measure in algebra.flows:
        values = months[measure].to_numpy(dtype="float64", na_value=np.nan)
        for at in np.flatnonzero(months["is_judged"].to_numpy(dtype=bool) & ~np.isnan(values)):
            past = values[:at][(share[:at] >= COMPARABLE) & ~np.isnan(values[:at])][-MOST_MONTHS:]
            if len(past) < FEWEST_MONTHS:
                continue
            usual = float(np.median(past))
            is_small = values[at] * FACTOR < usual and share[at] >= COMPARABLE
            if (values[at] > usual * FACTOR or is_small) and abs(values[at] - usual) >= FEWEST_DOSSIERS:
                key = months["period_key"].iloc[at]
                found.append((key, measure, values[at], usual, len(past)))
    return pd.DataFrame(found, columns=["period_key", "measure", "found", "expected", "months"])


def find_unequal_cumulatives(table: pd.DataFrame, _: Algebra) -> pd.DataFrame:
    """Find figures reported for a longer period that are not what the reports of its months make.

    *Shape* of `table`: unit_code, unit_name, period_key, measure, reported and months (Int64).
    """
    wrong = table[(table["reported"] != table["months"]).fillna(False).astype(bool)]
    named = wrong[["unit_code", "unit_name", "period_key", "measure"]]
    return named.assign(found=wrong["reported"], expected=wrong["months"]).reset_index(drop=True)


JUDGES: Mapping[str, Judge] = {
    judge.__name__: judge
    for judge in (
        find_doubled,
        find_dropped_units,
        find_miscounted,
        find_sum_breaches,
        find_undivided,
        find_unexplained_stocks,
        find_unequal_adjustments,
        find_large_parts,
        find_lower_coverage,
        find_odd_magnitudes,
        find_unequal_cumulatives,
    )
}
