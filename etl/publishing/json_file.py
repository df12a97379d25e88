"""A release as one JSON object: the figures, who is in them, what explains them, and what changed."""

import json
from dataclasses import asdict
from typing import Any

import pandas as pd

from etl.plain_values import plain
from etl.publishing.changes import Changes
from etl.publishing.release import Release


def compose_json(release: Release) -> bytes:
    """Write a release as JSON. *Missing*: null; the same release gives the same bytes."""
    return (json.dumps(compose_release_records(release), ensure_ascii=False, indent=1) + "\n").encode()


def compose_release_records(release: Release) -> dict[str, Any]:
    """Give a release as plain values."""
    dataset, zone = release.dataset, release.reference.town.time_zone
    return {
        "period": dataset.period.key,
        "start": str(dataset.period.start),
        "end": str(dataset.period.end),
        "periods": [period.key for period in dataset.periods],
        "publication": release.number,
        "published_at": release.published_at.astimezone(zone).isoformat(timespec="seconds"),
        "is_partial": bool(dataset.frame["is_partial"].any()),
        "as_of": plain(dataset.as_of),
        "units_of": plain(dataset.units_of),
        "bounds_only": list(dataset.outside),
        "measures": list(release.reference.form.measure_names),
        "figures": _records(dataset.frame),
        "coverage": _records(dataset.coverage),
        "adjustments": _records(dataset.adjustments),
        "decisions": [asdict(decision) for decision in dataset.decisions],
        "changes": None if release.changes is None else _changes(release.changes),
        "months": _records(release.months),
    }


def _changes(changes: Changes) -> dict[str, Any]:
    return {
        "number_before": changes.number_before,
        "published_before": changes.published_before.isoformat(),
        "figures": [{**asdict(one), "by": one.by} for one in changes.figures],
        "reports": [{**asdict(one), "at": one.at.isoformat() if one.at else None} for one in changes.reports],
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): plain(value) for name, value in row.items()} for row in frame.to_dict("records")]
