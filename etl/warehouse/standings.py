"""How the reports of a unit and period stand, in the warehouse: read, weighed anew, written where it changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from etl.db import query, to_json
from etl.errors import ConfigError
from etl.model import OwnDate
from etl.periods import parse_period
from etl.reference import Reference
from etl.standing import Contender, Ruling, Stand, Standing, stand_reports

Key = tuple[str, Any, str]  # code and first day of the unit, key of the period
Rivals = list[Mapping[str, Any]]  # the reports of one unit and period: rows of find_contender.sql


@dataclass(frozen=True, slots=True)
class Restood:
    """How the reports of one unit and period stand by now.

    `stands`: by submission. `counting`: the name of the figures that count. *Missing*: None where no report does.
    """

    key: Key
    unit_no: int
    stands: Mapping[str, Standing]
    counting: str | None


def read_rivals(conn: Connection, keys: Collection[Key]) -> dict[Key, Rivals]:
    """Read all reports of these units and periods, the earliest first."""
    rivals: dict[Key, Rivals] = defaultdict(list)
    for row in conn.execute(query("find_contender"), _asked(keys)).mappings() if keys else ():
        rivals[row["unit_code"], row["unit_valid_from"], row["period_key"]].append(dict(row))
    return dict(rivals)


def read_counting(conn: Connection, keys: Collection[Key]) -> dict[Key, str | None]:
    """Name the figures that count for these units and periods, as is noted. *Missing*: None where no report does."""
    return {key: name_counting(rivals) for key, rivals in read_rivals(conn, keys).items()}


def name_counting(rivals: Rivals, stands: Mapping[str, Standing] | None = None) -> str | None:
    """Name the figures that count among these reports: as they stand by now, else as is noted."""
    noted = {row["submission"]: row["stand"] for row in rivals}
    now = noted if stands is None else {name: standing.stand for name, standing in stands.items()}
    counting = (row for row in rivals if row["is_accepted"] and now[row["submission"]] == Stand.COUNTS)
    return next((str(row["content_sha256"]) for row in counting), None)


def restand(conn: Connection, keys: Collection[Key], reference: Reference, *, at: datetime) -> list[Restood]:
    """Weigh the reports of these units and periods anew, and note from a moment on what has changed.

    The caller holds the lock of each key.
    """
    rulings = _read_rulings(conn, keys)
    restood, changed = [], []
    for key, rivals in read_rivals(conn, keys).items():
        unit_no = int(rivals[0]["unit_no"])
        stands = _weigh(rivals, rulings[unit_no, key[2]], reference)
        restood.append(Restood(key, unit_no, stands, name_counting(rivals, stands)))
        changed += list(_changes(rivals, stands))
    if changed:
        conn.execute(query("insert_standing"), {"standings": to_json(changed), "stands_at": at})
    return restood


def _weigh(rivals: Rivals, rulings: Sequence[Ruling], reference: Reference) -> dict[str, Standing]:
    period = parse_period(rivals[0]["period_key"], reference.town.calendar)
    if period is None:
        raise ConfigError(
            f"the warehouse holds {rivals[0]['period_key']!r}, which the calendar of town.yaml cannot read"
        )
    return stand_reports([_contender(row) for row in rivals], rulings, reference.town.closes_at(period))


def _changes(rivals: Rivals, stands: Mapping[str, Standing]) -> Iterable[dict[str, Any]]:
    """Give the stands that differ from what is noted; a report that never was accepted needs no note."""
    for row in rivals:
        standing = stands[row["submission"]]
        is_news = (row["stand"], row["cause"]) != (standing.stand, standing.cause)
        if is_news and (row["stand"] or standing.stand is not Stand.REFUSED):
            named = {name: row[name] for name in ("unit_no", "period_key", "submission")}
            yield named | {"stand": str(standing.stand), "cause": str(standing.cause)}


def _contender(row: Mapping[str, Any]) -> Contender:
    return Contender(
        submission=row["submission"],
        received_at=row["received_at"],
        is_accepted=row["is_accepted"],
        content_sha256=row["content_sha256"],
        own_date=OwnDate(row["stated_revision"], row["signed_on"], row["saved_at"]),
        modified_at=row["modified_at"],
        has_stood=bool(row["stand"]),
    )


def _read_rulings(conn: Connection, keys: Collection[Key]) -> dict[tuple[int, str], list[Ruling]]:
    rulings: dict[tuple[int, str], list[Ruling]] = defaultdict(list)
    for row in conn.execute(query("find_ruling"), _asked(keys)):
        rulings[row.unit_no, row.period_key].append(Ruling(row.submission, row.is_counted, row.made_at))
    return rulings


def _asked(keys: Iterable[Key]) -> dict[str, str]:
    names = ("unit_code", "unit_valid_from", "period_key")
    return {"keys": to_json([dict(zip(names, key, strict=True)) for key in sorted(keys, key=str)])}
