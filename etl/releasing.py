"""A period or a range of months on its way to the public: built, checked, published, and its ranges after it.

A month is published from its reports. What was published of several months, and the ranges that town.yaml wants, are
published anew when the state of any of their months is another one: exactly these, and nothing else.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from etl.check_town import check_town
from etl.db import query
from etl.installation import Installation
from etl.operator_lists import build_review
from etl.periods import Period
from etl.publish import publish, put_files
from etl.publishing.publication import Publication
from etl.publishing.release import Release
from etl.reference import Reference
from etl.town import build_town
from etl.warehouse.publications import read_months
from etl.warehouse.published_ranges import find_ranges, is_of_months
from etl.warehouse.town_inputs import find_findings, find_reported_periods

log = logging.getLogger(__name__)


def release(here: Installation, period: Period) -> Publication:
    """Build, check and publish a period or a run of months, and put its files in their folder; twice = once.

    *Raises*: LoadError where the figures do not add up; then nothing of it is published.
    """
    with _take_turn(here.engine, period) as conn:
        with conn.begin():
            publication = publish(conn, _draft(conn, here, period))
        with conn.begin():
            put_files(conn, period.key, here.settings.published)
    return publication


def release_ranges(here: Installation, month: Period) -> list[Publication]:
    """Publish the ranges with this month in them that are due, the shortest first; mend the files of the others."""
    with here.engine.begin() as conn:
        ranges = find_ranges(conn, here.reference, month)
        for one in ranges.published:
            put_files(conn, one.key, here.settings.published)
    return [release(here, one) for one in ranges.due]


def parts_of(conn: Connection, reference: Reference, period: Period) -> tuple[Period, ...]:
    """Say what a period is built from: its months, or itself where reports speak of it and of none of its months."""
    reported = {one.key for one in find_reported_periods(conn, reference)}
    months = reference.town.calendar.months_of(period)
    return months if is_of_months(period, months, reported) else (period,)


def _draft(conn: Connection, here: Installation, period: Period) -> Release:
    """Gather all that a publication of a period says; its number, moment and changes are not known yet."""
    dataset = build_town(conn, here.reference, parts_of(conn, here.reference, period))
    check_town(dataset, here.reference)
    return Release(
        dataset=dataset,
        reference=here.reference,
        number=0,
        published_at=datetime.now(UTC),
        months=read_months(conn, here.reference, period),
        review=sorted(
            (row for one in dataset.periods for row in build_review(conn, here, one)),
            key=lambda row: -int(row["weight"]),
        ),
        findings=find_findings(conn, dataset.coverage["submission"].dropna().tolist(), dataset.periods),
    )


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
