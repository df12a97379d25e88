"""The ledger of publications in the warehouse: its entries and their files, and what was published when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, RowMapping

from etl.db import query, to_json
from etl.periods import Calendar, Period
from etl.publishing.entry import Entry
from etl.reference import Reference
from etl.town_dataset import TownDataset

_JSON = ("content", "coverage", "adjustments", "inputs", "causes", "files")
MONTHS_SHOWN = 12


def lock_publication(conn: Connection, period_key: str) -> None:
    """Let nobody else number the publications of a period until the transaction ends."""
    conn.execute(query("lock_publication"), {"period_key": period_key})


def find_last(conn: Connection, period_key: str) -> RowMapping | None:
    """Give number, published_at and fingerprint of the last publication of a period; the fingerprint is that of the
    last state found to say the same."""
    return (
        conn.execute(query("find_publication_last"), {"period_key": period_key, "as_of": "infinity"}).mappings().first()
    )


def read_entry(conn: Connection, period_key: str, number: int) -> Entry | None:
    """Read an entry of the ledger. *Missing*: None where there is none of this number."""
    found = (
        conn.execute(query("find_publication_entry"), {"period_key": period_key, "number": number}).mappings().first()
    )
    return Entry(**found) if found else None


def store_entry(conn: Connection, entry: Entry, files: Mapping[str, bytes]) -> None:
    """Enter a publication with its files into the ledger."""
    row = {name: getattr(entry, name) for name in Entry.__slots__}
    conn.execute(query("store_publication"), row | {name: to_json(row[name]) for name in _JSON})
    named = {"period_key": entry.period_key, "number": entry.number}
    for name, content in files.items():
        conn.execute(query("insert_publication_file"), named | {"name": name, "content": content})


def confirm(conn: Connection, period_key: str, number: int, fingerprint: str) -> None:
    """Note that a state of the period says just what the publication says, so that it is not built for ever."""
    named = {"period_key": period_key, "number": number, "fingerprint": fingerprint}
    conn.execute(query("insert_publication_confirmed"), named)


def find_files(conn: Connection, period_key: str) -> list[tuple[int, str, str]]:
    """List the files kept of a period's publications: number, name, sha256."""
    rows = conn.execute(query("find_publication_file"), {"period_key": period_key})
    return [(row.number, row.name, row.sha256) for row in rows]


def read_file(conn: Connection, period_key: str, number: int, name: str) -> bytes:
    """Read the bytes of a published file."""
    named = {"period_key": period_key, "number": number, "name": name}
    return bytes(conn.execute(query("find_publication_file_content"), named).scalar_one())


def find_ledger(conn: Connection, period_key: str | None) -> list[dict[str, Any]]:
    """List the publications of a period, or all. *Shape*: see the statement."""
    return [dict(row) for row in conn.execute(query("find_publication"), {"period_key": period_key}).mappings()]


def find_each_last(conn: Connection) -> dict[str, RowMapping]:
    """Give the last publication of each period, by its key. *Shape*: see the statement."""
    return {row["period_key"]: row for row in conn.execute(query("find_publication_each_last")).mappings()}


def find_untold(conn: Connection) -> list[str]:
    """List the periods whose last publication nobody was told of; of ranges nobody ever is by themselves."""
    return list(conn.execute(query("find_publication_untold")).scalars())


def read_inputs(conn: Connection, dataset: TownDataset) -> list[dict[str, Any]]:
    """Say of each report that a dataset speaks of which file and reading it comes from. *Shape*: see the statement."""
    columns = ["unit_code", "unit_name", "period_key", "submission", "waived", "corrected"]
    reports = dataset.coverage.loc[dataset.coverage["submission"].notna(), columns].to_dict("records")
    rows = conn.execute(query("find_publication_input"), {"reports": to_json(reports)}).mappings()
    return [dict(row) | {"received_at": row["received_at"].isoformat()} for row in rows]


def read_months(conn: Connection, reference: Reference, period: Period, as_of: datetime | None = None) -> pd.DataFrame:
    """Read the town's figures of the months of a period, or of the twelve up to its end where it is shorter.

    *Shape*: see `etl.publishing.release.Release`. *Missing*: months that the warehouse does not know are left out; a
    measure it has no sums of is <NA>.
    """
    keys = [month.key for month in _months_shown(reference.town.calendar, period)]
    found = conn.execute(query("find_town_month"), {"as_of": as_of or "infinity", "period_keys": keys}).mappings().all()
    measures = reference.form.measure_names
    columns = ["period_key", "scope", *measures, "units_expected", "units_in", "is_partial"]
    frame = pd.DataFrame([[row.get(name) for name in columns] for row in found], columns=columns)
    return frame.astype(dict.fromkeys(measures, "Int64") | {"is_partial": "bool"})


def _months_shown(calendar: Calendar, period: Period) -> list[Period]:
    months = list(calendar.months_of(period)) or [calendar.month_on(period.end)]
    while len(months) < MONTHS_SHOWN:
        months.insert(0, calendar.month_on(months[0].day_before))
    return months
