"""The release as a Frictionless data package: tidy CSV files, and a description that programs can check them by."""

import hashlib
import json
from typing import Any

from etl.model import Language
from etl.phrases import clean, name_period
from etl.publishing.absences import find_absences, say_absence
from etl.publishing.release import Release
from etl.publishing.tidy_table import TidyColumn, TidyTable, compose_table_csv
from etl.publishing.tidy_tables import build_tables

DESCRIPTOR = "datapackage.json"
_NAMES = {"figures": "town"}  # the file of figures is called after what it is of


def compose_package(release: Release) -> dict[str, bytes]:
    """Compose the files of the package by their names; what describes them is datapackage.json."""
    key = file_key(release.dataset.period.key)
    tables = {f"{_NAMES.get(table.name, table.name)}-{key}.csv": table for table in build_tables(release)}
    files = {name: compose_table_csv(table) for name, table in tables.items()}
    resources = [_resource(name, table, files[name]) for name, table in tables.items()]
    descriptor = _package(release) | {"resources": resources}
    return files | {DESCRIPTOR: (json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n").encode()}


def file_key(period_key: str) -> str:
    """Make a part of a file's name of a period's key, which may hold a slash."""
    return period_key.replace("/", "_")


def _package(release: Release) -> dict[str, Any]:
    dataset, town, form = release.dataset, release.reference.town, release.reference.form
    vi, en = (name_period(dataset.period.key, language) for language in Language)
    return {
        "profile": "tabular-data-package",
        "name": f"town-{file_key(dataset.period.key).lower()}",
        "title": f"{town.name_vi}: {form.title_vi}, {vi} / {town.name_en}: {form.title_en}, {en}",
        "description": " ".join(_description(release)),
        "version": str(release.number),
        "created": release.published_at.astimezone(town.time_zone).isoformat(timespec="seconds"),
        "period": {
            "key": dataset.period.key,
            "start": str(dataset.period.start),
            "end": str(dataset.period.end),
            "months": [period.key for period in dataset.periods],
        },
        "is_partial": bool(dataset.frame["is_partial"].any()),
        **_sources(release),
    }


def _description(release: Release) -> list[str]:
    """Say in both languages what the package holds, and loudly who is missing."""
    dataset = release.dataset
    told = [
        "Số hồ sơ; ô trống là chưa báo cáo, không phải 0.",
        "Numbers of dossiers; an empty cell is not reported, which is not 0.",
    ]
    if absences := find_absences(dataset):
        vi, en = (", ".join(say_absence(one, dataset, language) for one in absences) for language in Language)
        told += [f"CHƯA ĐẦY ĐỦ, thiếu: {vi}.", f"PARTIAL, without: {en}."]
    return told


def _sources(release: Release) -> dict[str, Any]:
    """Name the files that the figures are made from, by what they hold and their sha256."""
    coverage = release.dataset.coverage
    inside = coverage[coverage["expected"] & coverage["status"].str.startswith("accepted")]
    sources = [
        {"title": f"{clean(str(row.unit_name), 80)}, {row.period_key}: {row.submission}"}
        for row in inside.itertuples(index=False)
    ]
    return {"sources": sources} if sources else {}


def _resource(path: str, table: TidyTable, content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": path,
        "title": f"{table.title_vi} / {table.title_en}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }


def _field(column: TidyColumn) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.is_required else {}
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.enum:
        constraints["enum"] = list(column.enum)
    return {
        "name": column.name,
        "type": column.type,
        **({"format": "any"} if column.type == "datetime" else {}),
        "title": column.label_vi,
        "description": f"{column.label_vi} / {column.label_en}",
        **({"constraints": constraints} if constraints else {}),
    }
