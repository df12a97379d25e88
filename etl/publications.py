"""What an operator asks of the publications: publish a period or a range now, list the ledger, say what changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from etl.errors import ConfigError
from etl.installation import open_installation
from etl.model import Language
from etl.pipeline import publish_period
from etl.publish import build_changes
from etl.publishing.changes import Changes
from etl.publishing.ledger_words import say_what_for
from etl.reference import Reference
from etl.releasing import release
from etl.settings import Settings
from etl.warehouse.publications import find_last, find_ledger, read_entry
from etl.warehouse.published_ranges import parts_of
from etl.warehouse.town_inputs import find_reported_periods


def publish_range(settings: Settings, first: str, last: str) -> dict[str, Any]:
    """Publish a month, or a run of months as one range, which is kept up to date from then on.

    *Raises*: ConfigError where it is no run of months, no report speaks of it, or its last month has not begun.
    """
    here = open_installation(settings)
    period = here.span(first, last)
    with here.engine.begin() as conn:
        parts = parts_of(conn, here.reference, period)
        reported = find_reported_periods(conn, here.reference)
    if not set(parts) & set(reported):
        raise ConfigError(f"no report speaks of {first} to {last} by months; give two months such as 2022-01 2022-04")
    if parts[-1].start > datetime.now(UTC).date() + timedelta(days=1):
        raise ConfigError(f"{parts[-1].key} has not begun: name the range that ends with the last month that has")
    if len(parts) == 1:
        return publish_period(settings, period.key)
    publication = release(here, period)
    if publication is None:
        return {"period": period.key, "is_new": False, "is_held": True}
    return {"period": period.key, "number": publication.number, "is_new": publication.is_new, "ranges": {}}


def find_publications(settings: Settings, period: str | None) -> list[dict[str, Any]]:
    """List the ledger, of a period or of all.

    *Shape*: the columns of `find_publication.sql` but causes; what_for_vi and what_for_en say what was new in each.
    """
    here = open_installation(settings)
    key = here.period(period).key if period else None
    with here.engine.connect() as conn:
        rows = find_ledger(conn, key)
    said = [{f"what_for_{language}": say_what_for(row, language) for language in Language} for row in rows]
    return [
        {name: value for name, value in row.items() if name != "causes"} | words
        for row, words in zip(rows, said, strict=True)
    ]


def find_changes(settings: Settings, period: str, number: int | None) -> tuple[Changes | None, Reference, int]:
    """Say what a publication (the last, where none is named) changed of the one before it; None for the first.

    *Raises*: ConfigError where there is no such publication.
    """
    here = open_installation(settings)
    key = here.period(period).key
    with here.engine.connect() as conn:
        last = find_last(conn, key)
        wanted = number or (int(last["number"]) if last else 1)
        after, before = (read_entry(conn, key, one) for one in (wanted, wanted - 1))
        if after is None:
            raise ConfigError(f"{key} has no publication no. {wanted}; `ward-reports publications {key}` lists them")
        return (build_changes(conn, before, after, here.reference) if before else None), here.reference, wanted
