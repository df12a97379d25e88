"""What each unit has reported before, and the questions about a period that follow from what is known now."""

from collections.abc import Iterable, Sequence

import pandas as pd
from sqlalchemy import Connection, column, select

from etl.completion import complete
from etl.db import query, to_json
from etl.forms import Form
from etl.history import PERIOD, compose_history, key_of, lay_past
from etl.model import Finding
from etl.periods import Period
from etl.reference import Reference
from etl.review import Weighed
from etl.tell_history import compose_question, line_words, plain_label, question_words
from expectations.history import MOST_PERIODS, WHOLE
from expectations.validate import validate
from expectations.ward_report import build_history_suite

COLUMNS = ["unit", "period", "start", "source_system", "field"]
ROW_COLUMNS = ["unit_code", "unit_valid_from", "period_key", "start_date", "source_system", "field", "field_name"]


def find_history(conn: Connection, keys: Iterable[tuple[str, Period]], form: Form) -> pd.DataFrame:
    """Find the flows that count of these units (codes) in these periods and in those of their kind before.

    *Shape*: a row per unit (see `etl.history.key_of`), period (its key), start (its first day), source_system and
    field (its code, or its name where it has none), with the form's principal flows (float64).
    *Missing*: NaN where any row of the field does not say and its balances leave it open.
    """
    flows = list(form.principal_flows)
    asked = [{"unit_code": c, "period_key": p.key, "start_date": p.start, "end_date": p.end} for c, p in set(keys)]
    names = [*ROW_COLUMNS, *form.measure_names]  # not all there are: a row also keeps, as JSON, how it was read
    rows_of = select(query("find_history_row").columns(*map(column, names)).subquery())
    found = conn.execute(rows_of, {"asked": to_json(asked), "most": MOST_PERIODS + 1}).all() if asked else []
    if not found:
        return pd.DataFrame(columns=[*COLUMNS, *flows])
    rows = complete(form, pd.DataFrame(found, columns=names)).rename(columns={"period_key": "period"})
    units = (
        rows["unit_code"] + " " + rows["unit_valid_from"].astype("str").where(rows["unit_valid_from"].notna(), "")
    ).str.strip()
    field = rows["field"].where(rows["field"].notna(), rows["field_name"])
    named = rows.assign(unit=units, field=field, start=pd.to_datetime(rows["start_date"]))
    return named.groupby(COLUMNS, sort=True)[flows].sum(skipna=False).reset_index()


def find_history_warnings(conn: Connection, reference: Reference, period: Period) -> tuple[Finding, ...]:
    """Ask about the figures of a period that leave their unit's past, from what the warehouse knows now."""
    table = find_town_history(conn, reference, [period])
    return tuple(weighed.finding for weighed in weigh_questions(table, reference, [period]))


def find_town_history(conn: Connection, reference: Reference, periods: Sequence[Period]) -> pd.DataFrame:
    """Find the flows of the units that owe a report of these periods, and lay them on top of those before.

    *Shape*: see `etl.history.find_history_table`; `report` is the place of the period that is judged.
    *Missing*: empty where no unit has reported, or the form has no flows.
    """
    places = {
        (key_of(unit), period.kind, pd.Timestamp(period.start)): place
        for place, period in enumerate(periods)
        for unit in reference.expected_units(period)
    }
    keys = [(unit.code, period) for period in periods for unit in reference.expected_units(period)]
    past = find_history(conn, keys, reference.form)
    if past.empty or not reference.form.principal_flows:
        return pd.DataFrame()
    lines = lay_past(past, reference.form)
    reports = [places.get(key, -1) for key in zip(*(lines[name] for name in PERIOD), strict=True)]
    return compose_history(lines.assign(report=reports, position=0), reference.form)


def weigh_questions(table: pd.DataFrame, reference: Reference, periods: Sequence[Period]) -> list[Weighed]:
    """Ask about the figures of these periods, and say how far off each lies: 1 is just what is allowed.

    `table` as `find_town_history` gives it of the same periods.
    """
    if table.empty:
        return []
    suite = build_history_suite(reference.form, reference.town.severities)
    codes = {key_of(unit): unit.code for unit in reference.units}
    weighed = []
    for severity, breaches in validate(table, suite).values():
        for breach in breaches.to_dict("records"):
            line = table.iloc[breach["position"]]
            words = question_words(breach, line, plain_label(reference.form, breach["measure"]))
            words["where"] = line_words(line, reference)
            period = periods[line["report"]].key
            place = {"unit": codes[line["unit"]], "period": period, "field": str(line["field"])}
            finding = compose_question(breach, words, measure=breach["measure"], severity=severity, **place)
            weighed.append(Weighed(finding, float(breach["suspicion"])))
    return weighed


def usual_sizes(table: pd.DataFrame, reference: Reference, period: Period) -> dict[str, int]:
    """Give how many dossiers each unit (code) usually deals with in a period, by the first of the form's flows.

    `table` as `find_town_history` gives it. *Missing*: units without a past are left out.
    """
    if table.empty:
        return {}
    flow = reference.form.principal_flows[0]
    whole = table[(table["field"] == WHOLE) & (table["start"] < pd.Timestamp(period.start))].dropna(subset=[flow])
    sizes = whole.sort_values(PERIOD).groupby("unit").tail(12).groupby("unit")[flow].median()
    codes = {key_of(unit): unit.code for unit in reference.expected_units(period)}
    return {codes[str(unit)]: round(size) for unit, size in sizes.items() if str(unit) in codes}
