"""The hop from the town's dataset to its published files, and the ledger of publications.

A publication is numbered when what it says has changed; from the second on it restates the one before. The files
follow from the dataset, the number and the moment alone, so whatever a crash left half done the next run completes.
"""

import hashlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from etl.db import query, to_json
from etl.disk import put_file
from etl.publishing.publication import Publication
from etl.publishing.published_tables import compose_csv
from etl.publishing.workbook import compose_workbook
from etl.reference import Reference
from etl.town_dataset import TownDataset

logger = logging.getLogger(__name__)


def publish(conn: Connection, dataset: TownDataset, reference: Reference, target: Path) -> Publication:
    """Publish a dataset in `<target>/<period>/`, once for each content; twice = once.

    The files with the plain name are always those of the last publication; each publication also keeps its own.
    The ledger's row is in the caller's transaction: if that is lost the same number is given, and the same files
    are written, by the next run.
    """
    key = dataset.period.key
    conn.execute(query("lock_publication"), {"period_key": key})
    last = conn.execute(query("find_publication_last"), {"period_key": key, "as_of": "infinity"}).mappings().first()
    content, coverage = _content(dataset, reference), _coverage(dataset)
    is_same = last is not None and (last["content"], last["coverage"]) == (content, coverage)
    if last is not None and is_same and last["fingerprint"] == dataset.fingerprint:
        number, published_at, is_new = int(last["number"]), last["published_at"], False
    else:
        number, published_at, is_new = (int(last["number"]) if last else 0) + 1, datetime.now(UTC), True
    files = _compose_files(dataset, reference, number, published_at)
    publication = Publication(
        period_key=key,
        number=number,
        published_at=published_at,
        is_new=is_new,
        content_sha256=hashlib.sha256(to_json([content, coverage]).encode()).hexdigest(),
        files={name: hashlib.sha256(file).hexdigest() for name, file in files.items()},
        folder=target / _safe(key),
    )
    if is_new:
        _store(conn, publication, dataset, content=content, coverage=coverage)
    publication.folder.mkdir(parents=True, exist_ok=True)
    written = [name for name, file in files.items() if put_file(publication.folder / name, file)]
    logger.info("publish %s: no. %s, %s, %s files written", key, number, "new" if is_new else "unchanged", len(written))
    return publication


def _content(dataset: TownDataset, reference: Reference) -> dict[str, Any]:
    """Give the figures as the ledger keeps them: the columns' names, and the rows."""
    names = ["scope", "unit_code", "unit_name", "field", "source_system", *reference.form.measure_names]
    names += ["units_expected", "units_in", "is_partial"]
    rows = [[_plain(value) for value in row] for row in dataset.frame[names].itertuples(index=False, name=None)]
    return {"columns": names, "rows": rows}


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, str | bool):
        return value
    return bool(value) if type(value).__name__ in ("bool", "bool_") else int(value)


def _coverage(dataset: TownDataset) -> list[dict[str, Any]]:
    """Give who is in. Whether a report that is not in is late changes with the clock alone, and is left out."""
    return [
        {
            "unit_code": str(row.unit_code),
            "unit_name": str(row.unit_name),
            "period_key": str(row.period_key),
            "expected": bool(row.expected),
            "status": str(row.status),
            "is_late": bool(row.is_late) and str(row.status).startswith("accepted"),
            **{name: int(getattr(row, name)) for name in ("waived", "corrected") if getattr(row, name)},
        }
        for row in dataset.coverage.itertuples(index=False)
    ]


def _store(conn: Connection, publication: Publication, dataset: TownDataset, *, content: Any, coverage: Any) -> None:
    accepted = dataset.coverage[dataset.coverage["status"].str.startswith("accepted")]
    row = {
        "period_key": publication.period_key,
        "number": publication.number,
        "published_at": publication.published_at,
        "fingerprint": dataset.fingerprint,
        "content": to_json(content),
        "coverage": to_json(coverage),
        "inputs": to_json(sorted(set(accepted["submission"].dropna().astype(str)))),
        "files": to_json(publication.files),
    }
    conn.execute(query("store_publication"), row)


# ---------------------------------------------------------------------------------------------------------
# Files


def _compose_files(dataset: TownDataset, reference: Reference, number: int, published_at: datetime) -> dict[str, bytes]:
    """Compose each file under its plain name and under the publication's own."""
    name = f"town-{_safe(dataset.period.key)}"
    contents = {
        "csv": compose_csv(dataset, reference, number, published_at),
        "xlsx": compose_workbook(dataset, reference, number, published_at),
    }
    own = {f"{name}-no{number}.{kind}": content for kind, content in contents.items()}
    return own | {f"{name}.{kind}": content for kind, content in contents.items()}


def _safe(key: str) -> str:
    """Make a file name of a period's key, which may hold a slash."""
    return key.replace("/", "_")
