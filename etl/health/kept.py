"""What must be kept: the archive's files, the published ones, and a backup of all."""

import random
import time
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from sqlalchemy import Connection

from etl.disk import sha256_of
from etl.health.found import Case, Found, broken, look, minutes_since, modified_at, span_words, well
from etl.keeping.archive import find_damaged
from etl.keeping.backup import MADE
from etl.keeping.tables import find_archived, find_tables
from etl.publish import find_places
from etl.warehouse.publications import find_each_last

SECONDS = 3.0  # for a sample; with --deep all is read
STALE_MINUTES = 8 * 1_440
_NAMED = 5


def check_archive_files(case: Case) -> Found:
    """Read archived files again, as many as there is time for, and hold them against their names."""
    assert case.engine
    with case.engine.begin() as conn:
        hashes = find_archived(conn, find_tables(conn))
    random.shuffle(hashes)
    looked, wrong, ends = 0, [], _deadline(case)
    for sha256 in hashes:
        wrong += [f"{name[:12]} ({what})" for name, what in find_damaged([sha256], case.settings.archive)]
        looked += 1
        if time.monotonic() > ends:
            break
    figures = {"archive_files": len(hashes), "archive_looked_at": looked, "archive_damaged": len(wrong)}
    seen = f"{looked}/{len(hashes)}"
    if wrong:
        named = ", ".join(wrong[:_NAMED])
        return broken(f"{len(wrong)} tệp mất hoặc hỏng trong {seen}: {named}",
                      f"{len(wrong)} files lost or damaged of {seen}: {named}", **figures)  # fmt: skip
    return well(f"{seen} tệp đã xem đều đúng", f"{seen} files were read, all are right", **figures)


def check_published_files(case: Case) -> Found:
    """Hold the published files against the ledger."""
    assert case.engine
    looked, wrong, ends = 0, [], _deadline(case)
    with case.engine.begin() as conn:
        for path, sha256 in _find_published(conn, case.settings.published):
            looked += 1
            if sha256_of(path) != sha256:
                wrong.append(str(path.relative_to(case.settings.published)))
            if time.monotonic() > ends:
                break
    figures = {"published_looked_at": looked, "published_differing": len(wrong)}
    if wrong:
        named = ", ".join(wrong[:_NAMED])
        return look(f"{len(wrong)}/{looked} tệp mất hoặc khác sổ: {named}",
                    f"{len(wrong)} of {looked} files are lost or others: {named}", **figures)  # fmt: skip
    return well(f"{looked} tệp đúng như sổ", f"{looked} files are as the ledger says", **figures)


def check_backup(case: Case) -> Found:
    """Say when the last backup was made."""
    made = modified_at(case.settings.archive / MADE)
    if made is None:
        return look("chưa có bản sao lưu nào", "no backup was ever made")
    minutes = minutes_since(made, case.now)
    vi, en = span_words(minutes)
    state = look if minutes >= STALE_MINUTES else well
    return state(f"bản sao lưu cuối cách đây {vi}", f"the last backup is {en} old", backup_minutes=minutes)


def _find_published(conn: Connection, target: Path) -> Iterator[tuple[Path, str]]:
    """Give where each published file should lie, and its sha256; the last publication of each period first."""
    for key in find_each_last(conn):
        for path, _, sha256 in sorted(find_places(conn, key, target), key=itemgetter(1), reverse=True):
            yield path, sha256


def _deadline(case: Case) -> float:
    return float("inf") if case.is_deep else time.monotonic() + SECONDS
