"""Make ten years of a town and load them by COPY, with every constraint on: what the bench of the questions reads.

The figures are made up, from a fixed seed. As in life some reports are sent back at first, some come twice, some never.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, text

from etl.db import query, store_reference
from etl.model import Unit
from etl.periods import Period
from etl.publishing.entry import compose_content
from etl.reference import Reference
from etl.town import build_town

SEED, FIRST_YEAR, LAST_YEAR, FIELDS = 20150115, 2015, 2024, 12
SENT_BACK, SENT_TWICE, NEVER_SENT = 0.03, 0.01, 0.005  # shares of the reports
TWO_SYSTEMS = ("ministries", "city")
PRINTED = (  # what the edition of 2020 prints; the rest follows from its balances
    "received_total", "received_online", "received_direct", "carried_over", "resolved_total", "resolved_early",
    "resolved_on_time", "resolved_overdue", "pending_total", "pending_in_time", "pending_overdue",
)  # fmt: skip
Row = dict[str, int]


@dataclass(frozen=True, slots=True)
class Sent:
    """A report as it was sent: what its file is called, when it came, what it says, and what became of it."""

    name: str
    unit_no: int
    period: Period
    at: datetime
    rows: tuple[tuple[str, str, Row], ...]  # source system, field, figures
    verdict: str
    stand: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()


def load_town(engine: Engine, reference: Reference) -> int:
    """Load the ten years and publish each month, again where it was restated; give the number of rows of figures."""
    periods = [
        reference.town.calendar.month(year, month)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for month in range(1, 13)
    ]
    with engine.begin() as conn:
        store_reference(conn, reference, periods)
        numbers = {(row.code, row.valid_from): row.unit_no for row in conn.execute(text("SELECT * FROM unit"))}
        sent = list(_send(reference, periods, numbers))
        _copy_reports(conn, sent)
        conn.execute(text("ANALYZE"))  # as autovacuum does by itself after a while
    _publish(engine, reference, periods, sent)
    return sum(len(one.rows) for one in sent)


def _send(reference: Reference, periods: Sequence[Period], numbers: dict[Any, int]) -> Iterator[Sent]:
    """Send what each unit has for each month: mostly one report; a second one that replaces it; or none."""
    rng = np.random.default_rng(SEED)
    for unit in reference.expected_units(periods[0]):
        lines = _lines(unit, reference)
        stocks = dict.fromkeys(lines, 0)
        sizes = dict(zip(lines, rng.lognormal(2, 1.5, len(lines)), strict=True))
        for period in periods:
            rows = tuple((*line, _make_row(stocks[line], sizes[line], rng)) for line in lines)
            stocks = {line: row["pending_total"] for line, (*_, row) in zip(lines, rows, strict=True)}
            at = datetime.combine(period.end + timedelta(days=2), time(8), UTC)
            if rng.random() >= NEVER_SENT:
                chance = rng.random()
                number = numbers[unit.code, unit.valid_from]
                yield from _arrivals(Sent("", number, period, at, rows, "accepted", "counts"), unit, chance)


def _arrivals(good: Sent, unit: Unit, chance: float) -> Iterator[Sent]:
    name, later = f"{unit.code} {good.period.key}", good.at + timedelta(days=10)
    number, period, rows = good.unit_no, good.period, good.rows
    if chance < SENT_BACK:
        yield Sent(f"{name} sent back", number, period, good.at, (), "rejected", "")
        yield Sent(name, number, period, good.at + timedelta(days=1), rows, "accepted", "counts")
    elif chance < SENT_BACK + SENT_TWICE:
        (system, field, row), *rest = rows
        wrong = row | {
            key: row[key] + 1 for key in ("received_total", "received_direct", "pending_total", "pending_in_time")
        }
        yield Sent(f"{name} at first", number, period, good.at, ((system, field, wrong), *rest), "accepted", "replaced")
        yield Sent(name, number, period, later, rows, "accepted", "counts")
    else:
        yield Sent(name, number, period, good.at, rows, "accepted", "counts")


def _lines(unit: Unit, reference: Reference) -> list[tuple[str, str]]:
    systems = TWO_SYSTEMS if unit.name == "Sơn Lộc" else ("",)
    return [(system, field.code) for system in systems for field in reference.fields[:FIELDS]]


def _make_row(opening: int, size: float, rng: np.random.Generator) -> Row:
    """Make figures that balance."""
    online, direct, total = int(rng.poisson(size / 3)), int(rng.poisson(size)), 0
    total = opening + online + direct
    pending = int(rng.binomial(total, 0.1))
    overdue = int(rng.binomial(total - pending, 0.01))
    early = int(rng.binomial(total - pending - overdue, 0.4))
    pending_overdue = int(rng.binomial(pending, 0.05))
    resolved = total - pending
    counts = (total, online, direct, opening, resolved, early, resolved - overdue - early, overdue, pending)
    return dict(zip(PRINTED, (*counts, pending - pending_overdue, pending_overdue), strict=True))


def _copy_reports(conn: Connection, sent: Sequence[Sent]) -> None:
    """Append every table as a load leaves it."""
    files = ((one.sha256, one.name, 1000, one.at, one.name, one.at) for one in sent)
    _copy(conn, "submission", "sha256 name size_bytes received_at archived_as modified_at", files)
    readings = ((one.sha256, 1, "read", one.sha256, one.at) for one in sent)
    _copy(conn, "reading", "submission revision outcome fingerprint read_at", readings)
    reports = (
        (number, one.sha256, 1, one.unit_no, one.period.key, "2020", one.verdict, one.sha256)
        for number, one in enumerate(sent, start=1)
    )
    _copy(conn, "report", "report_no submission revision unit_no period_key edition verdict content_sha256", reports)
    conn.execute(text("SELECT setval(pg_get_serial_sequence('report', 'report_no'), max(report_no)) FROM report"))
    columns = ("report_no", "sheet", "row_no", "source_system", "field", "field_name", *PRINTED, "determined")
    _copy(conn, "report_row", " ".join(columns), _rows(sent))
    findings = (
        (one.sha256, 1, 1, number, "B", "B.resolved", "error", "sai", "wrong")
        for number, one in enumerate(sent, start=1)
        if one.verdict == "rejected"
    )
    names = "submission revision ordinal report_no code rule severity message_vi message_en"
    _copy(conn, "finding", names, findings)
    _copy(conn, "standing", "unit_no period_key submission stand stands_at", _standings(sent))


def _rows(sent: Sequence[Sent]) -> Iterator[Sequence[Any]]:
    for number, one in enumerate(sent, start=1):
        for place, (system, field, row) in enumerate(one.rows, start=10):
            followed = {
                "received_in_period": row["received_online"] + row["received_direct"],
                "resolved_in_time": row["resolved_early"] + row["resolved_on_time"],
            }
            yield number, "Sheet1", place, system, field, field, *(row[name] for name in PRINTED), Jsonb(followed)


def _standings(sent: Sequence[Sent]) -> Iterator[Sequence[Any]]:
    """Note how each accepted report stood: one that was replaced counted until then."""
    for one in sent:
        if one.verdict == "accepted":
            yield one.unit_no, one.period.key, one.sha256, "counts", one.at
        if one.stand == "replaced":
            yield one.unit_no, one.period.key, one.sha256, "replaced", one.at + timedelta(days=10)


def _copy(conn: Connection, table: str, columns: str, records: Iterator[Sequence[Any]]) -> None:
    driver: Any = conn.connection.driver_connection
    names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
    with (
        driver.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy,
    ):
        for record in records:
            copy.write_row(record)


def _publish(engine: Engine, reference: Reference, periods: Sequence[Period], sent: Sequence[Sent]) -> None:
    """Enter each month into the ledger as it was known five days after its end, and once more where it changed."""
    restated = {one.period for one in sent if one.stand == "replaced"}
    for period in periods:
        days = (5, 20) if period in restated else (5,)
        for number, after in enumerate(days, start=1):
            at = datetime.combine(period.end + timedelta(days=after), time(8), UTC)
            with engine.begin() as conn:
                dataset = build_town(conn, reference, [period], at)
                entry = {
                    "period_key": period.key,
                    "number": number,
                    "published_at": at,
                    "fingerprint": dataset.fingerprint,
                }
                days_of = {"period_start": period.start, "period_end": period.end, "rules": "", "program": ""}
                said = {
                    "content": Jsonb(compose_content(dataset)),
                    **dict.fromkeys(("coverage", "adjustments"), Jsonb([])),
                }
                lists = {**dict.fromkeys(("inputs", "causes"), Jsonb([])), "files": Jsonb({})}
                conn.execute(query("store_publication"), entry | days_of | said | lists)
