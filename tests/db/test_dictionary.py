"""The data dictionary says what the form and the warehouse say."""

from __future__ import annotations

import os

from sqlalchemy import Connection

from etl.reference import Reference
from etl.settings import CHECKOUT
from etl.warehouse.dictionary import compose_dictionary

PATH = CHECKOUT / "docs" / "data-dictionary.md"


def test_the_dictionary_is_up_to_date(conn: Connection, reference: Reference) -> None:
    composed = compose_dictionary(conn, reference.form)
    assert all(f"`{name}`" in composed for name in reference.form.measure_names)
    assert all(f"- `{balance.name}`: {balance.total} = " in composed for balance in reference.form.balances)
    assert all(f"{rate.part} / {rate.whole}" in composed for rate in reference.form.rates)
    assert "| `received_online` | (4) | – |" in composed and "| `pending_total` | (11) | (9) |" in composed
    assert "### ward_period" in composed and "### report_row" in composed and "`town_range(" in composed
    assert [line for line in composed.splitlines() if line.endswith("|  |")] == []
    if os.environ.get("UPDATE_DOCS"):
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_text(composed, "utf-8")
    assert PATH.read_text("utf-8") == composed, "write it anew: UPDATE_DOCS=1 pytest tests/db/test_dictionary.py"
