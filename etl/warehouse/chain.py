"""The chain of stocks: each opening stock beside the closing stock it should continue, back to the first period."""

from typing import Any

from sqlalchemy import Connection

from etl.db import query


def find_chain(
    conn: Connection, *, unit: str | None = None, period: str | None = None, breaks_only: bool = False
) -> list[dict[str, Any]]:
    """List the links of a unit (its code) and of all it was made from, or of every unit; the newest period first.

    Of all periods, or those into one (its key). A unit comes before those it was made from, and each line of figures
    stands together.

    *Shape*: the columns of the view `chain`. *Missing*: `gap` is None where a stock or a report is unknown;
    `unknown_because` says which.
    """
    asked = {
        "unit_codes": None if unit is None else [unit],
        "period_keys": None if period is None else [period],
        "breaks_only": breaks_only,
    }
    return [dict(row) for row in conn.execute(query("find_chain"), asked).mappings()]
