"""Reports made for tests: a ward, a month, rows of figures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from etl.load import Loaded, load
from etl.model import CheckedReport, Finding, Report, Severity, Statement, Submission, verdict_of
from etl.periods import Period, parse_period
from etl.reference import Reference
from etl.warehouse.readings import build_reading

DAWN = datetime(2022, 4, 15, 8, tzinfo=UTC)
WRONG = Finding("B", "B.resolved", Severity.ERROR, "sai", "wrong", measure="resolved_total", found="9", expected="8")
ODD = Finding("C", "C.roll-forward", Severity.WARNING, "lạ", "odd", suggestion={"measure": "carried_over", "value": 3})


class Maker:
    """Makes submissions and loads them, for a reference."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference

    def period(self, key: str) -> Period:
        period = parse_period(key, self.reference.town.calendar)
        assert period is not None
        return period

    def submission(self, name: str, *, hours: float = 0) -> Submission:
        """Make a file whose bytes are its name, arriving some hours after dawn."""
        digest = hashlib.sha256(name.encode()).hexdigest()
        at = DAWN + timedelta(hours=hours)
        return Submission(digest, name, len(name), at, Path("/archive") / digest, "09577", modified_at=at)

    def report(
        self, unit: str | None, period: str | None, rows: Sequence[Mapping[str, Any]], *findings: Finding
    ) -> CheckedReport:
        """Make a report; a row is its measures, and field, source_system or kind where they matter."""
        known = self.period(period) if period else None
        day = known.end if known else DAWN.date()
        report = Report(
            submission="",
            file_name="made.xlsx",
            unit=next((u for u in self.reference.units_on(day) if u.code == unit), None),
            unit_text=unit or "phường Lạ",
            period=known,
            period_text=period or "?",
            edition="2020",
            frame=self.frame(rows),
            columns={"Sheet1": {name: chr(67 + i) for i, name in enumerate(self.reference.form.measure_names)}},
            statements={("Sheet1", "C1"): Statement.DASH, ("Sheet1", "D1"): Statement.NUMBER},
        )
        return CheckedReport(report, findings, verdict_of(findings))

    def frame(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        measures = self.reference.form.measure_names
        columns = {
            "sheet": ["Sheet1" for _ in rows],
            "row": list(range(1, len(rows) + 1)),
            "kind": [row.get("kind", "field") for row in rows],
            "field": pd.array([row.get("field", "ho-tich") for row in rows], dtype="str"),
            "field_name": pd.array([row.get("field_name", "Hộ tịch") for row in rows], dtype="str"),
            "source_system": pd.array([row.get("source_system", "") for row in rows], dtype="str"),
        }
        return pd.DataFrame(columns | {m: pd.array([row.get(m) for row in rows], dtype="Int64") for m in measures})

    def load(self, engine: Engine, name: str, *reports: CheckedReport, hours: float = 0) -> Loaded:
        """Load reports as one submission, in a transaction of its own."""
        reading = build_reading(reports, self.reference.form)
        with engine.begin() as conn:
            return load(conn, self.submission(name, hours=hours), reading, reference=self.reference)

    def load_month(self, engine: Engine, period: str, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Load one row for each unit."""
        for unit, row in counts.items():
            self.load(engine, f"{unit} {period}", self.report(unit, period, [row]))


def whole(received: int, resolved: int, opening: int = 0, late: int = 0) -> dict[str, int]:
    """Make the measures of a row that balances, as the older edition prints them."""
    return {
        "received_total": opening + received,
        "received_in_period": received,
        "carried_over": opening,
        "resolved_total": resolved,
        "resolved_in_time": resolved - late,
        "resolved_overdue": late,
        "pending_total": opening + received - resolved,
        "pending_in_time": opening + received - resolved,
        "pending_overdue": 0,
    }
