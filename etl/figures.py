"""The town's figures as somebody asks for them: of a period or range, some of the lines, as known at a moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd
from sqlalchemy import Connection

from etl.errors import ConfigError
from etl.estimate import estimate_missing
from etl.installation import Installation, open_installation
from etl.parsing.names import plain_key
from etl.publishing.release import Release
from etl.reference import Reference
from etl.releasing import compose_draft
from etl.settings import Settings
from etl.town import build_town, select_lines
from etl.town_dataset import TownDataset
from etl.warehouse.past import read_past
from etl.warehouse.publications import read_months
from etl.warehouse.published_ranges import parts_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see: from the first to the last period, as words of the command line.

    `as_of`: a moment; `units_of`: a day or "today", to whose units the lines of units are recast; unit, field,
    source_system: codes or names of the lines to keep. *Missing*: None keeps what there is.
    """

    first: str
    last: str
    as_of: str | None = None
    units_of: str | None = None
    unit: str | None = None
    field: str | None = None
    source_system: str | None = None


def build_release(settings: Settings, wanted: Wanted) -> Release:
    """Build what is wanted as if it were published, with number 0: the figures and their months.

    *Raises*: ConfigError where it cannot be had.
    """
    here = open_installation(settings)
    with here.engine.begin() as conn:
        return _with_months(conn, here, _chosen(_build(conn, here, wanted), wanted, here.reference))


def build_document(settings: Settings, wanted: Wanted) -> Release:
    """Build what is wanted with all that a publication of it would say besides its figures. *Raises*: as above."""
    here = open_installation(settings)
    with here.engine.begin() as conn:
        return compose_draft(conn, here, _build(conn, here, wanted))


def build_estimated(settings: Settings, wanted: Wanted) -> tuple[Release, pd.DataFrame]:
    """Build what is wanted, and estimate what its partial figures would be with the missing reports.

    *Shape* of the estimates: see `etl.estimate`. *Raises*: as above.
    """
    here = open_installation(settings)
    with here.engine.begin() as conn:
        dataset = _build(conn, here, wanted)
        past = read_past(conn, here.reference, dataset, as_of=dataset.as_of)
        estimates = estimate_missing(dataset, past, here.reference)
        release = _with_months(conn, here, _chosen(dataset, wanted, here.reference))
    if wanted.unit is None:
        return release, estimates
    return release, estimates[estimates["unit_name"].isin(set(release.dataset.frame["unit_name"]))]


def _with_months(conn: Connection, here: Installation, dataset: TownDataset) -> Release:
    months = read_months(conn, here.reference, dataset.period, dataset.as_of)
    return Release(dataset, here.reference, 0, datetime.now(UTC), months)


def _build(conn: Connection, here: Installation, wanted: Wanted) -> TownDataset:
    reference, period = here.reference, here.span(wanted.first, wanted.last)
    start, end = here.period(wanted.first), here.period(wanted.last)
    parts = parts_of(conn, reference, period)
    if end.end < start.end or (len(parts) == 1 and start != end):
        raise ConfigError(f"{wanted.first} to {wanted.last} is no run of months; give two such as 2022-01 2022-04")
    units_of = _day(wanted.units_of, reference)
    if units_of and units_of < parts[-1].end:
        raise ConfigError(f"--units-of {units_of} is before {parts[-1].end}, the last day of {parts[-1].key}")
    return build_town(conn, reference, parts, _moment(wanted.as_of, reference), units_of=units_of)


def _chosen(dataset: TownDataset, wanted: Wanted, reference: Reference) -> TownDataset:
    """Keep the lines that are wanted. *Raises*: ConfigError, naming what there is, where none is left."""
    field = _code_of(wanted.field, {f.code: (f.code, f.name, *f.aliases) for f in reference.fields}, "field")
    systems = {s.code: (s.code, s.label_vi, s.label_en, *s.aliases) for s in reference.source_systems}
    system = _code_of(wanted.source_system, systems, "source system")
    chosen = select_lines(dataset, unit=wanted.unit, field=field, source_system=system)
    if chosen.frame.empty:
        units = ", ".join(f"{row.unit_code} {row.unit_name}" for row in _units(dataset).itertuples())
        asked = ", ".join(word for word in (wanted.unit, wanted.field, wanted.source_system) if word)
        raise ConfigError(f"no figures of {asked} in {dataset.period.key}; the units are: {units}")
    return chosen


def _units(dataset: TownDataset) -> pd.DataFrame:
    return dataset.frame.loc[dataset.frame["unit_code"] != "", ["unit_code", "unit_name"]].drop_duplicates()


def _code_of(text: str | None, names: dict[str, tuple[str, ...]], what: str) -> str | None:
    """Find the code for a code or name, whatever its accents and case. *Raises*: ConfigError where there is none."""
    if text is None or text in ("all", "unlisted"):
        return text
    found = [code for code, known in names.items() if plain_key(text) in map(plain_key, known)]
    if len(found) != 1:
        raise ConfigError(f"{text!r} is no {what}; there are: {', '.join(names)}")
    return found[0]


def _day(text: str | None, reference: Reference) -> date | None:
    if text is None:
        return None
    if text == "today":
        return datetime.now(reference.town.time_zone).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no day; write it like 2025-07-01, or today") from error


def _moment(text: str | None, reference: Reference) -> datetime | None:
    """Read a moment; without a zone it is the town's. *Raises*: ConfigError where it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no moment; write it like 2022-05-01T12:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=reference.town.time_zone)
