"""Hold a report against the one of the same unit and period that counted when it came: what differs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from etl.db import query
from etl.forms import Form
from etl.model import Former, Submission
from etl.periods import fold
from etl.warehouse.readings import PlacedReport, Reading

ALL = "all"  # the field of a report that does not divide


def find_former(conn: Connection, submission: Submission, reading: Reading, form: Form) -> tuple[Former, ...]:
    """List the reports of other figures that count beside this submission's accepted ones. Ask before `load`."""
    placed = {place.key: place for place in reading.placed if place.rows}
    if not placed:
        return ()
    asked = {
        "submission": submission.sha256,
        "period_keys": sorted({key[2] for key in placed}),
        "unit_codes": sorted({key[0] for key in placed}),
    }
    rows_before: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row in conn.execute(query("find_report_former"), asked).mappings():
        rows_before[row["unit_code"], row["unit_valid_from"], row["period_key"]].append(dict(row))
    both = ((placed[key], rows) for key, rows in rows_before.items() if key in placed)
    return tuple(
        _compared(place, rows, form) for place, rows in both if rows[0]["content_sha256"] != place.content_sha256
    )


def _compared(place: PlacedReport, before: Sequence[Mapping[str, Any]], form: Form) -> Former:
    old, new = total_rows(before, form), total_rows(place.rows, form)
    had, has = _fields(before, form), _fields(place.rows)
    return Former(
        unit_code=place.unit.code,
        period_key=place.period.key,
        name=before[0]["name"],
        received_at=before[0]["received_at"],
        missing_fields=tuple(field for key, field in had.items() if key not in has),
        totals={measure: (old[measure], new[measure]) for measure in old if old[measure] != new[measure]},
    )


def total_rows(rows: Iterable[Mapping[str, Any]], form: Form) -> dict[str, int | None]:
    """Add up each measure over the rows. *Missing*: None where no row says it."""
    sums: Counter[str] = Counter()
    said = set()
    for row in rows:
        for measure in form.measure_names:
            if row[measure] is not None:
                said.add(measure)
                sums[measure] += row[measure]
    return {measure: sums[measure] if measure in said else None for measure in form.measure_names}


def _fields(rows: Iterable[Mapping[str, Any]], form: Form | None = None) -> dict[str, tuple[str | None, str]]:
    """Give the code and printed name of each field; with a form, only of those of which anything was counted."""
    return {
        row["field"] or fold(row["field_name"]): (row["field"], row["field_name"])
        for row in rows
        if row["field"] != ALL and (form is None or any(row[measure] for measure in form.measure_names))
    }
