"""What each unit still held at the end of the period before, and what it opened the next one with."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection

from etl.completion import complete
from etl.db import query, to_json
from etl.forms import Form
from etl.periods import Period


def find_neighbours(conn: Connection, keys: Iterable[tuple[str, Period]], form: Form) -> pd.DataFrame:
    """Find the closing stocks that the reports of these units (codes) and periods should open with.

    They come from the accepted report of the shortest period that ends the day before. A unit made wholly from
    others opens with their sum, as soon as all of them have reported; one made from parts cannot be compared.

    *Shape*: one row per unit, period (as asked), source_system and field (its code, or its name where it has none),
    with the form's closing measures (Int64). *Missing*: <NA> where any row of the field reports none.
    """
    return _stocks(conn, "find_neighbour_row", keys, form, [roll.closing for roll in form.roll_forwards])


def find_following(conn: Connection, keys: Iterable[tuple[str, Period]], form: Form) -> pd.DataFrame:
    """Find what the reports of these units (codes) and periods were carried over as, by the period after.

    *Shape*: as `find_neighbours`, with the form's opening measures.
    """
    return _stocks(conn, "find_following_row", keys, form, [roll.opening for roll in form.roll_forwards])


def _stocks(
    conn: Connection, statement: str, keys: Iterable[tuple[str, Period]], form: Form, measures: list[str]
) -> pd.DataFrame:
    index = ["unit", "period", "source_system", "field"]
    asked = [{"unit_code": c, "period_key": p.key, "start_date": p.start, "end_date": p.end} for c, p in set(keys)]
    if not asked or not measures:
        return pd.DataFrame(columns=[*index, *measures])
    found = pd.DataFrame(conn.execute(query(statement), {"asked": to_json(asked)}).mappings().all())
    if found.empty:
        return pd.DataFrame(columns=[*index, *measures])
    rows = complete(form, found).rename(columns={"unit_code": "unit", "period_key": "period"})
    rows["field"] = rows["field"].where(rows["field"].notna(), rows["field_name"])
    stocks = rows.groupby(index, sort=True)[measures].sum(skipna=False)
    return stocks.astype("Int64").reset_index()
