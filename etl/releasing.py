"""A period or a range of months on its way to the public: built, checked, published, and its ranges after it.

A month is published from its reports. What was published of several months, and the ranges that town.yaml wants, are
published anew when the state of any of their months is another one: exactly these, and nothing else.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from etl.check_town import check_town, find_holding
from etl.db import query
from etl.installation import Installation
from etl.letters.held import compose_held
from etl.model import Finding
from etl.operator_lists import build_town_review
from etl.outbox import queue_mail
from etl.periods import Period
from etl.publish import publish, put_files
from etl.publishing.publication import Publication
from etl.publishing.release import Release
from etl.town import build_town
from etl.town_dataset import TownDataset
from etl.warehouse.cumulative import find_cumulative
from etl.warehouse.publications import find_last, read_months
from etl.warehouse.published_ranges import find_ranges, parts_of
from etl.warehouse.town_inputs import find_findings

log = logging.getLogger(__name__)


def release(here: Installation, period: Period) -> Publication | None:
    """Build, check and publish a period or a run of months, and put its files in their folder; twice = once.

    *Missing*: None where a rule holds it back: the operator is told, once, and what was published stays.
    *Raises*: LoadError where the figures do not add up; then nothing of it is published.
    """
    with _take_turn(here.engine, period) as conn:
        with conn.begin():
            dataset = build_town(conn, here.reference, parts_of(conn, here.reference, period))
            draft = compose_draft(conn, here, dataset)
            found = check_town(
                dataset,
                here.reference,
                months=draft.months,
                cumulative=find_cumulative(conn, here.reference, dataset.period),
            )
            if held := find_holding(found):
                last = find_last(conn, period.key)
                number = int(last["number"]) if last else 0
                queue_mail(conn, compose_held(dataset, held, here.reference, last_number=number))
                log.warning("publish %s: held back by %s", period.key, ", ".join(sorted({f.rule for f in held})))
                return None
            publication = publish(conn, replace(draft, findings=(*found, *draft.findings)))
        with conn.begin():
            put_files(conn, period.key, here.settings.published)
    return publication


def release_ranges(here: Installation, month: Period) -> list[Publication]:
    """Publish the ranges with this month in them that are due, the shortest first; mend the files of the others."""
    with here.engine.begin() as conn:
        ranges = find_ranges(conn, here.reference, month)
        for one in ranges.published:
            put_files(conn, one.key, here.settings.published)
    return [publication for one in ranges.due if (publication := release(here, one))]


def compose_draft(conn: Connection, here: Installation, dataset: TownDataset) -> Release:
    """Gather all that a publication of a dataset says; its number, moment and changes are not known yet."""
    return Release(
        dataset=dataset,
        reference=here.reference,
        number=0,
        published_at=datetime.now(UTC),
        months=read_months(conn, here.reference, dataset.period, dataset.as_of),
        review=build_town_review(conn, here.reference, dataset.coverage, periods=dataset.periods),
        findings=tuple(_find_reported(conn, dataset)),
    )


def _find_reported(conn: Connection, dataset: TownDataset) -> Iterator[Finding]:
    """Give what was found in the reports of the coverage: of a file that speaks of several months, where it counts."""
    for period in dataset.periods:
        of_period = dataset.coverage[dataset.coverage["period_key"] == period.key]
        yield from find_findings(conn, of_period["submission"].dropna().tolist(), [period])


@contextmanager
def _take_turn(engine: Engine, period: Period) -> Iterator[Connection]:
    """Give a connection that alone builds and publishes a period; each transaction sees one state of the warehouse.

    The lock is the session's: a transaction that waited for it would see the state from before it waited. It ends
    with the connection (etl.db.connect keeps none open), however the process ends.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        conn.execute(query("lock_publication_turn"), {"period_key": period.key})
        conn.commit()
        yield conn
