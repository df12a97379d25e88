"""What each unit still held at the end of the period before: what the next period has to open with."""

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
    closings = [roll.closing for roll in form.roll_forwards]
    index = ["unit", "period", "source_system", "field"]
    asked = [{"unit_code": c, "period_key": p.key, "start_date": p.start, "end_date": p.end} for c, p in set(keys)]
    if not asked or not closings:
        return pd.DataFrame(columns=[*index, *closings])
    found = pd.DataFrame(conn.execute(query("find_neighbour_row"), {"asked": to_json(asked)}).mappings().all())
    if found.empty:
        return pd.DataFrame(columns=[*index, *closings])
    rows = complete(form, found).rename(columns={"unit_code": "unit", "period_key": "period"})
    rows["field"] = rows["field"].where(rows["field"].notna(), rows["field_name"])
    stocks = rows.groupby(index, sort=True)[closings].sum(skipna=False)
    return stocks.astype("Int64").reset_index()
