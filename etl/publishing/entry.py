"""An entry of the ledger of publications: what was said, of whom, from what; and whether two of them say the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from etl.plain_values import plain
from etl.town_dataset import TownDataset

LINE = ("scope", "unit_code", "unit_name", "field", "source_system")  # what every content begins with
Table = Mapping[str, Any]  # {"columns": […], "rows": [[…], …]}


@dataclass(frozen=True, slots=True)
class Entry:
    """One publication as the ledger keeps it, without its files' bytes.

    `content` and `adjustments` are tables {"columns", "rows"}; `coverage` and `inputs` an entry a unit and period;
    `causes` what happened to which report since the publication before (the columns of the view `publication_cause`).
    *Missing*: adjustments, causes, rules and program are None in what earlier versions of the program published;
    their inputs are the sha256 alone.
    """

    period_key: str
    number: int
    period_start: date
    period_end: date
    published_at: datetime
    fingerprint: str
    content: Table
    coverage: Sequence[Mapping[str, Any]]
    inputs: Sequence[Any]
    adjustments: Table | None = None
    causes: Sequence[Mapping[str, Any]] | None = None
    rules: str | None = None
    program: str | None = None
    files: Mapping[str, str] | None = None


def compose_content(dataset: TownDataset) -> dict[str, Any]:
    """Give the figures as the ledger keeps them; the columns that name a line come first."""
    others = [name for name in dataset.frame.columns if name not in LINE]
    return _table(dataset.frame[[*LINE, *others]])


def compose_adjustments(dataset: TownDataset) -> dict[str, Any]:
    """Give what the adjustments consist of, as the ledger keeps it."""
    return _table(dataset.adjustments)


def compose_coverage(dataset: TownDataset) -> list[dict[str, Any]]:
    """Give who is in. Whether a report that is not in is late changes with the clock alone, and is left out."""
    return [
        {
            "unit_code": str(row["unit_code"]),
            "unit_name": str(row["unit_name"]),
            "period_key": str(row["period_key"]),
            "expected": bool(row["expected"]),
            "status": str(row["status"]),
            "is_late": bool(row["is_late"]) and str(row["status"]).startswith("accepted"),
            "is_closed": bool(row.get("is_closed", False)),
            **{name: int(row[name]) for name in ("waived", "corrected") if row[name]},
        }
        for row in dataset.coverage.to_dict("records")
    ]


def says_same(before: Entry, after: Entry) -> bool:
    """Tell whether two publications say the same figures of the same units.

    An upgrade is no restatement: where the two know other columns, only what both know is compared.
    """
    return (
        _is_same_table(before.content, after.content, LINE)
        and _is_same_coverage(before.coverage, after.coverage)
        and (before.adjustments is None or _is_same_table(before.adjustments, after.adjustments or before.adjustments))
    )


def lines_of(content: Table) -> dict[tuple[str, ...], dict[str, Any]]:
    """Give the lines of a content by what names them."""
    columns = content["columns"]
    rows = (dict(zip(columns, row, strict=True)) for row in content["rows"])
    return {tuple(row[name] for name in LINE): row for row in rows}


def is_in(status: str | None) -> bool:
    return (status or "").startswith("accepted")


def _table(frame: pd.DataFrame) -> dict[str, Any]:
    rows = frame.itertuples(index=False, name=None)
    return {
        "columns": [str(name) for name in frame.columns],
        "rows": [[plain(value) for value in row] for row in rows],
    }


def _is_same_table(before: Table, after: Table, key: Sequence[str] = ()) -> bool:
    if before["columns"] == after["columns"]:
        return sorted(map(repr, before["rows"])) == sorted(map(repr, after["rows"]))
    if not key:
        return True  # rows without a name of their own cannot be held against each other
    old, new = lines_of(before), lines_of(after)
    shared = set(before["columns"]) & set(after["columns"])
    return all(old[line][name] == new[line][name] for line in old.keys() & new.keys() for name in shared)


def _is_same_coverage(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> bool:
    knows_closed = not before or "is_closed" in before[0]
    return sorted(_said(before, knows_closed=knows_closed)) == sorted(_said(after, knows_closed=knows_closed))


def _said(coverage: Sequence[Mapping[str, Any]], *, knows_closed: bool) -> Iterator[str]:
    """Write each entry of a coverage; earlier versions of the program knew nothing of units that had closed."""
    for entry in coverage:
        if knows_closed or entry["status"] != "closed":
            yield repr(sorted((name, entry[name]) for name in entry if knows_closed or name != "is_closed"))
