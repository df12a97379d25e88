"""What each unit has reported before, and the questions about a period that follow from what is known now."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection

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


def find_history(conn: Connection, keys: Iterable[tuple[str, Period]], form: Form) -> pd.DataFrame:
    """Find the flows that count of these units (codes) in these periods and in those of their kind before.

    *Shape*: a row per unit (see `etl.history.key_of`), period (its key), start (its first day), source_system and
    field (its code, or its name where it has none), with the form's principal flows (float64).
    *Missing*: NaN where any row of the field does not say and its balances leave it open.
    """
    flows = list(form.principal_flows)
    asked = [{"unit_code": c, "period_key": p.key, "start_date": p.start, "end_date": p.end} for c, p in set(keys)]
    wanted = {"asked": to_json(asked), "most": MOST_PERIODS + 1}
    found = pd.DataFrame(conn.execute(query("find_history_row"), wanted).mappings().all()) if asked else pd.DataFrame()
    if found.empty:
        return pd.DataFrame(columns=[*COLUMNS, *flows])
    rows = complete(form, found).rename(columns={"period_key": "period"})
    units = (
        rows["unit_code"] + " " + rows["unit_valid_from"].astype("str").where(rows["unit_valid_from"].notna(), "")
    ).str.strip()
    field = rows["field"].where(rows["field"].notna(), rows["field_name"])
    named = rows.assign(unit=units, field=field, start=pd.to_datetime(rows["start_date"]))
    return named.groupby(COLUMNS, sort=True)[flows].sum(skipna=False).reset_index()


def find_history_warnings(conn: Connection, reference: Reference, period: Period) -> tuple[Finding, ...]:
    """Ask about the figures of a period that leave their unit's past, from what the warehouse knows now."""
    return tuple(weighed.finding for weighed in find_questions(conn, reference, period))


def find_questions(conn: Connection, reference: Reference, period: Period) -> list[Weighed]:
    """Ask about the figures of a period, and say how far off each lies: 1 is just what is allowed."""
    past = find_history(conn, [(unit.code, period) for unit in reference.expected_units(period)], reference.form)
    return weigh_questions(past, reference, period)


def weigh_questions(past: pd.DataFrame, reference: Reference, period: Period) -> list[Weighed]:
    """Judge the figures of a period against those before it; `past` as `find_history` gives it."""
    if past.empty or not reference.form.principal_flows:
        return []
    lines = lay_past(past, reference.form)
    is_now = (lines["start"] == pd.Timestamp(period.start)) & (lines["kind"] == period.kind)
    table = compose_history(lines.assign(report=is_now.astype("int64") - 1, position=0), reference.form)
    suite = build_history_suite(reference.form, reference.town.severities)
    codes = {key_of(unit): unit.code for unit in reference.expected_units(period)}
    weighed = []
    for severity, breaches in validate(table, suite).values():
        for breach in breaches.to_dict("records"):
            line = table.iloc[breach["position"]]
            words = question_words(breach, line, plain_label(reference.form, breach["measure"]))
            words["where"] = line_words(line, reference)
            place = {"unit": codes[line["unit"]], "period": period.key, "field": str(line["field"])}
            finding = compose_question(breach, words, measure=breach["measure"], severity=severity, **place)
            weighed.append(Weighed(finding, float(breach["suspicion"])))
    return weighed


def usual_sizes(past: pd.DataFrame, reference: Reference, period: Period) -> dict[str, int]:
    """Give how many dossiers each unit (code) usually deals with in a period, by the first of the form's flows.

    `past` as `find_history` gives it. *Missing*: units without a past are left out.
    """
    if past.empty or not reference.form.principal_flows:
        return {}
    lines = lay_past(past, reference.form)
    table = compose_history(lines.assign(report=-1, position=0), reference.form)
    flow = reference.form.principal_flows[0]
    whole = table[(table["field"] == WHOLE) & (table["start"] < pd.Timestamp(period.start))].dropna(subset=[flow])
    sizes = whole.sort_values(PERIOD).groupby("unit").tail(12).groupby("unit")[flow].median()
    codes = {key_of(unit): unit.code for unit in reference.expected_units(period)}
    return {codes[str(unit)]: round(size) for unit, size in sizes.items() if str(unit) in codes}
