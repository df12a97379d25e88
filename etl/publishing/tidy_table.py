"""A tidy table: each column declared once, for the CSV file, and for the description that programs check it by."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from etl.publishing.published_tables import harmless, name_field
from etl.publishing.release import Release

_LONGEST = 2_000  # letters of a cell
SCOPES = ("ward", "group", "wards", "desk", "town")


@dataclass(frozen=True, slots=True)
class TidyColumn:
    """A column: its name, its type as a table schema calls it, what it holds and what may stand in it."""

    name: str
    type: str
    label_vi: str
    label_en: str
    is_required: bool = False
    minimum: int | None = None
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TidyTable:
    """A table with its key. `rows` give each column by its name; an absent or missing value is an empty cell."""

    name: str
    title_vi: str
    title_en: str
    columns: tuple[TidyColumn, ...]
    key: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def compose_table_csv(table: TidyTable) -> bytes:
    """Write a table as CSV in UTF-8, with the mark by which Excel knows it; no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([_cell(row.get(column.name)) for column in table.columns] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return harmless(value, _LONGEST)
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date | Decimal):
        return str(value)
    return str(bool(value)).lower() if type(value).__name__ in ("bool", "bool_") else str(int(value))


# ---------------------------------------------------------------------------------------------------------
# Columns that several tables have


def text_column(name: str, vi: str, en: str, *, enum: tuple[str, ...] = (), is_required: bool = False) -> TidyColumn:
    return TidyColumn(name, "string", vi, en, is_required=is_required, enum=enum)


def count_column(name: str, vi: str, en: str, *, is_required: bool = False) -> TidyColumn:
    return TidyColumn(name, "integer", vi, en, is_required=is_required, minimum=0)


UNIT = (
    text_column("unit_code", "Mã đơn vị", "unit's code"),
    text_column("unit_name", "Đơn vị", "unit's name; blank for sums"),
)
MONTH = text_column("period_key", "Kỳ báo cáo", "month of reporting", is_required=True)
FIELD = (
    text_column("field", "Mã lĩnh vực", "field's code; all: the sum, unlisted: not in the list"),
    text_column("field_name", "Lĩnh vực", "field's name"),
    text_column("source_system", "Nguồn", "source system; all: the sum, blank: the sheet names none"),
)
DECIDED = (
    count_column("waived", "Số lỗi được chấp nhận", "findings accepted"),
    count_column("corrected", "Số ô được sửa", "figures corrected"),
)


def local_moment(release: Release) -> Callable[[Any], datetime | None]:
    """Give what puts a moment into the town's time zone. *Missing*: None, in and out."""
    zone = release.reference.town.time_zone

    def put(moment: Any) -> datetime | None:
        if moment is None or pd.isna(moment):
            return None
        known: datetime = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return known.astimezone(zone)

    return put


def field_words(release: Release, code: str) -> str:
    return name_field(code, release.reference, release.reference.town.language)
