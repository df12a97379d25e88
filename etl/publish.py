"""The hop from the town's dataset to the ledger of publications, and to the folder of published files.

A publication is numbered when what it says has changed; from the second on it restates the one before. Its files are
composed once and kept in the warehouse: whatever is lost of the folder is written again from there, byte for byte,
whatever the program has become since.
"""

import hashlib
import logging
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from etl.db import to_json
from etl.disk import put_file, sha256_of
from etl.publishing.cause_words import Cause
from etl.publishing.causes import compose_causes, report_change
from etl.publishing.changes import Changes
from etl.publishing.data_package import file_key
from etl.publishing.entry import Entry, compose_adjustments, compose_content, compose_coverage, says_same
from etl.publishing.figure_changes import compare_figures
from etl.publishing.publication import Publication
from etl.publishing.release import Release
from etl.publishing.release_files import compose_files
from etl.publishing.rules_edition import name_rules, program_version
from etl.reference import Reference
from etl.warehouse.decisions import find_decisions
from etl.warehouse.publications import (
    confirm,
    find_files,
    find_last,
    lock_publication,
    read_entry,
    read_file,
    read_inputs,
    store_entry,
)

logger = logging.getLogger(__name__)

_FOR_EVER = datetime.max.replace(tzinfo=UTC)


def publish(conn: Connection, draft: Release) -> Publication:
    """Enter a dataset into the ledger with its files, once for each content; twice = once.

    `draft`: what is to be published; its number, moment and changes are given here. What the last publication said
    already is not published again: that this state says the same is noted, and nothing else.
    """
    key = draft.dataset.period.key
    lock_publication(conn, key)
    last = find_last(conn, key)
    before = read_entry(conn, key, last["number"]) if last else None
    entry = _entry_of(conn, draft, number=before.number + 1 if before else 1)
    if before is None or last is None or not says_same(before, entry):
        return _enter(conn, draft, entry, before)
    if last["fingerprint"] != entry.fingerprint:
        confirm(conn, key, before.number, entry.fingerprint)
    logger.info("publish %s: no. %s says the same", key, before.number)
    earlier = read_entry(conn, key, before.number - 1)
    changes = build_changes(conn, earlier, before, draft.reference) if earlier else None
    return _publication(before, replace(draft, changes=changes), is_new=False)


def put_files(conn: Connection, period_key: str, target: Path) -> list[Path]:
    """Put the files of a period's publications where they belong: whatever is missing there, or differs.

    `<target>/<period>/` holds those of the last publication, `no1`, `no2` … below it those of each. Files of
    publications that the warehouse keeps no files of are left alone. Give what was written.
    """
    lock_publication(conn, period_key)
    written = []
    for place, number, sha256 in find_places(conn, period_key, target):
        if sha256_of(place) != sha256:
            place.parent.mkdir(parents=True, exist_ok=True)
            put_file(place, read_file(conn, period_key, number, place.name))
            written.append(place)
    logger.info("publish %s: %s files written", period_key, len(written))
    return written


def find_places(conn: Connection, period_key: str, target: Path) -> list[tuple[Path, int, str]]:
    """Say where each published file of a period should lie, of which publication it is, and its sha256."""
    kept = find_files(conn, period_key)
    last, folder = max((number for number, *_ in kept), default=0), target / file_key(period_key)
    places = [(folder / f"no{number}" / name, number, sha256) for number, name, sha256 in kept]
    return places + [(folder / name, number, sha256) for number, name, sha256 in kept if number == last]


def build_changes(conn: Connection, before: Entry, after: Entry, reference: Reference) -> Changes:
    """Say what a publication says that the one before it did not; what became of reports as it was found then."""
    figures = compare_figures(before, after, reference)
    causes = after.causes
    if causes is None:
        causes = _causes(conn, before, after, reference, until=after.published_at)
    return Changes(before.number, before.published_at, figures, tuple(report_change(cause) for cause in causes))


def _causes(
    conn: Connection, before: Entry, after: Entry, reference: Reference, *, until: datetime = _FOR_EVER
) -> list[Cause]:
    """Say what happened to the reports. Whatever decision this transaction sees, the dataset was built with."""
    keys = sorted({str(one["period_key"]) for one in after.coverage})
    decisions = [one for key in keys for one in find_decisions(conn, key) if one["made_at"] <= until]
    figures = compare_figures(before, after, reference)
    return compose_causes(before, after, figures, decisions=decisions, reference=reference)


def _entry_of(conn: Connection, draft: Release, *, number: int) -> Entry:
    """Give the entry that a draft would be."""
    dataset, period = draft.dataset, draft.dataset.period
    return Entry(
        period_key=period.key,
        number=number,
        period_start=period.start,
        period_end=period.end,
        published_at=conn.execute(select(func.transaction_timestamp())).scalar_one(),  # what is decided later is later
        fingerprint=dataset.fingerprint,
        content=compose_content(dataset),
        coverage=compose_coverage(dataset),
        inputs=read_inputs(conn, dataset),
        adjustments=compose_adjustments(dataset),
        rules=name_rules(draft.reference),
        program=program_version(),
    )


def _enter(conn: Connection, draft: Release, entry: Entry, before: Entry | None) -> Publication:
    causes = _causes(conn, before, entry, draft.reference) if before else []
    entry = replace(entry, causes=causes)
    changes = build_changes(conn, before, entry, draft.reference) if before else None
    release = replace(draft, number=entry.number, published_at=entry.published_at, changes=changes)
    files = compose_files(release)
    entry = replace(entry, files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
    store_entry(conn, entry, files)
    logger.info("publish %s: no. %s, new, %s files", entry.period_key, entry.number, len(files))
    return _publication(entry, release, is_new=True)


def _publication(entry: Entry, release: Release, *, is_new: bool) -> Publication:
    said = to_json([entry.content, entry.coverage])
    return Publication(
        period_key=entry.period_key,
        number=entry.number,
        published_at=entry.published_at,
        is_new=is_new,
        content_sha256=hashlib.sha256(said.encode()).hexdigest(),
        files=entry.files or {},
        release=replace(release, number=entry.number, published_at=entry.published_at),
    )
