"""The warehouse: its engine, its statements, and the reference that it stores.

Every statement is a file in sql/. A hop takes a connection and never commits: `with engine.begin() as conn` does.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from etl.embedded import database_url
from etl.errors import ConfigError
from etl.forms import Form
from etl.model import Unit
from etl.periods import Calendar, Period, parse_period
from etl.reference import Reference
from etl.settings import Settings
from etl.warehouse.migrations import SQL, find_pending, migrate

__all__ = [
    "connect", "migrate", "open_engine", "period_rows", "query", "store_reference", "to_json", "warehouse_url",
]  # fmt: skip


def open_engine(settings: Settings) -> Engine:
    """Connect to the warehouse; without a URL that is the embedded server, started and migrated here.

    *Raises*: ConfigError where a warehouse given by its URL lacks a migration.
    """
    engine = connect(warehouse_url(settings))
    if not settings.database_url:
        migrate(engine)
        return engine
    missing = find_pending(engine)
    engine.dispose()  # only looked: a process that forks must not share this connection
    if missing:
        raise ConfigError(f"the warehouse lacks {', '.join(missing)}: run `ward-reports migrate` as its owner")
    return engine


def warehouse_url(settings: Settings) -> str:
    """Give the URL of the warehouse as it is: the embedded server is started, what the schema lacks is not added."""
    return settings.database_url or database_url(settings.home / "postgres", "warehouse")


def connect(url: str) -> Engine:
    """Make an engine that speaks psycopg 3 and UTC, however the URL is spelled.

    It keeps no connection open between uses: steps are short, and tasks are forked.
    """
    spelled = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)
    return create_engine(spelled, poolclass=NullPool, connect_args={"options": "-c timezone=UTC"})


@cache
def query(name: str) -> TextClause:
    """Give the statement in sql/queries/<name>.sql, with its named parameters."""
    return text((SQL / "queries" / f"{name}.sql").read_text("utf-8"))


def to_json(value: Any) -> str:
    """Write a parameter that a statement reads as jsonb, always in the same order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


# ---------------------------------------------------------------------------------------------------------
# The reference


def store_reference(conn: Connection, reference: Reference, periods: Iterable[Period] = ()) -> None:
    """Make the warehouse know the reference, and the periods given; twice = once.

    *Raises*: ConfigError where the reference contradicts what reports already stand on.
    """
    _refuse_unknown_measures(conn, reference.form)
    units = to_json([_unit_row(unit, is_desk=not reference.is_ward(unit)) for unit in reference.units])
    successions = [{name: getattr(s, name) for name in s.__slots__} for s in reference.successions]
    fields = [{"code": f.code, "name": f.name, "aliases": f.aliases} for f in reference.fields]
    stored = _read_periods(conn, reference.town.calendar)
    try:
        conn.execute(query("delete_unit"), {"units": units})
        conn.execute(query("store_unit"), {"units": units})
    except IntegrityError as error:
        raise ConfigError(
            f"units.csv does not fit the reports in the warehouse; close a unit, never remove it: {error.orig}"
        ) from error
    conn.execute(query("store_unit_succession"), {"successions": to_json(successions)})
    conn.execute(query("store_succession_group"), {"members": to_json(list(_group_members(reference)))})
    conn.execute(query("store_field"), {"fields": to_json(fields)})
    conn.execute(query("store_period"), {"periods": period_rows([*stored, *periods], reference)})
    _store_meanings(conn, reference)


def _store_meanings(conn: Connection, reference: Reference) -> None:
    """Store what figures are called and how they are added: for readers of the warehouse, nothing here asks it."""
    measures = [
        {"name": m.name, "ordinal": place, "label_vi": m.label_vi, "label_en": m.label_en, "over_time": m.over_time}
        for place, m in enumerate(reference.form.measures, start=1)
    ]
    rates = [{name: getattr(rate, name) for name in rate.__slots__} for rate in reference.form.rates]
    systems = [{name: getattr(s, name) for name in ("code", "label_vi", "label_en")} for s in reference.source_systems]
    conn.execute(query("store_measure"), {"measures": to_json(measures)})
    conn.execute(query("store_rate"), {"rates": to_json(rates)})
    conn.execute(query("store_source_system"), {"systems": to_json(systems)})


def period_rows(periods: Iterable[Period], reference: Reference) -> str:
    """Write periods as the statements take them, each once."""
    distinct = {period.key: period for period in periods}
    return to_json(
        [
            {"period_key": p.key, "start_date": p.start, "end_date": p.end, "due_at": reference.town.due_at(p)}
            for p in distinct.values()
        ]
    )


def _unit_row(unit: Unit, *, is_desk: bool) -> dict[str, Any]:
    names = ("code", "name", "kind", "valid_from", "valid_to")
    return {name: getattr(unit, name) for name in names} | {"is_desk": is_desk}


def _group_members(reference: Reference) -> Iterator[dict[str, Any]]:
    """Write each unit of each group of successions, on its side of the day."""
    for number, group in enumerate(reference.succession_groups, start=1):
        sides = (
            ("before", group.predecessors, group.comes_from_outside),
            ("after", group.successors, group.goes_outside),
        )
        for side, units, has_outside in sides:
            named = {"on_date": group.on_date, "group_no": number, "side": side, "has_outside": has_outside}
            for unit in units:
                yield named | {"code": unit.code, "valid_from": unit.valid_from, "is_whole": group.is_whole}


def _refuse_unknown_measures(conn: Connection, form: Form) -> None:
    """Refuse a form with a measure that the table of figures has no column for."""
    columns = set(conn.execute(query("find_measure_column")).scalars())
    if missing := [name for name in form.measure_names if name not in columns]:
        wanted = "; ".join(f"ALTER TABLE report_row ADD COLUMN {m} bigint CHECK ({m} >= 0)" for m in missing)
        raise ConfigError(f"the form {form.name} has measures without a column: write a migration with {wanted}")


def _read_periods(conn: Connection, calendar: Calendar) -> list[Period]:
    """Read the periods that are stored. *Raises*: ConfigError where the calendar now gives one other days."""
    periods = []
    for row in conn.execute(query("find_period")):
        period = parse_period(row.period_key, calendar)
        if period is None or (period.start, period.end) != (row.start_date, row.end_date):
            raise ConfigError(
                f"the warehouse holds {row.period_key} as {row.start_date} to {row.end_date}; town.yaml's calendar now "
                f"says {period and f'{period.start} to {period.end}'}. Set cutoff_day back: reports mean those days"
            )
        periods.append(period)
    return periods
