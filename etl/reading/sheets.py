"""Reading a file into sheets of cells, whatever it claims to be.

The file is a stranger's: its kind is told by its first bytes, never by its name, and a workbook is
read in a child process with a ceiling on memory and time, because a few kilobytes are enough to abort
the library that reads it.
"""

import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn

from etl.reading.child_process import ChildDiedError, run_child
from etl.reading.csv_sheet import read_csv_sheet
from etl.reading.file_kind import Kind, find_kind
from etl.reading.grid import Book, Merge, Sheet
from etl.reading.unreadable import Unreadable, refuse
from etl.settings import Limits

DEFAULT_LIMITS = Limits()


def read_book(path: Path, limits: Limits = DEFAULT_LIMITS) -> Book:
    """Read every sheet of a workbook, or the one sheet of a CSV file.

    *Raises*: `SubmissionError`, and nothing else, for whatever the bytes may be.
    """
    content = read_content(path, limits)
    kind = find_kind(content)
    book = Book((read_csv_sheet(content, limits),)) if kind == Kind.TEXT else _read_workbook(content, kind, limits)
    if not any(value is not None or sheet.uncached for sheet in book.sheets for row in sheet.rows for value in row):
        refuse(Unreadable.EMPTY)
    return book


def read_sheets(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[Sheet, ...]:
    """Read the sheets of a file alone. *Raises*: as `read_book`."""
    return read_book(path, limits).sheets


def read_content(path: Path, limits: Limits) -> bytes:
    """Read the bytes of a file. *Raises*: `SubmissionError` where it is away or too large."""
    try:
        with path.open("rb") as stream:
            content = stream.read(limits.max_bytes + 1)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        refuse(Unreadable.MISSING)
    if len(content) > limits.max_bytes:
        refuse(Unreadable.TOO_LARGE, f"> {limits.max_bytes // 1_000_000} MB")
    return content


def _read_workbook(content: bytes, kind: Kind, limits: Limits) -> Book:
    answer = _ask_child(content, kind, limits)
    if "refused" in answer:
        refuse(Unreadable(answer["refused"]), answer["detail"])
    return Book(tuple(to_sheet(sheet) for sheet in answer["sheets"]), _to_moment(answer["saved_at"]))


def _to_moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text and "T" in text else None
    except ValueError:  # whatever a program wrote there
        return None


def _ask_child(content: bytes, kind: Kind, limits: Limits) -> dict[str, Any]:
    arguments = [kind.value, asdict(limits)]
    try:
        printed = run_child("etl.reading.workbook_child", arguments, content, max_seconds=limits.max_seconds)
    except subprocess.TimeoutExpired:
        refuse(Unreadable.TOO_SLOW, str(limits.max_seconds))
    except ChildDiedError as death:
        _refuse_for_death(death, limits)
    answer: dict[str, Any] = json.loads(printed)
    return answer


def _refuse_for_death(death: ChildDiedError, limits: Limits) -> NoReturn:
    if death.is_out_of_memory:
        refuse(Unreadable.TOO_LARGE, f"> {limits.max_memory_mb} MB RAM")
    if death.is_out_of_time:
        refuse(Unreadable.TOO_SLOW, str(limits.max_seconds))
    refuse(Unreadable.DAMAGED)


_MOMENTS: dict[str, Callable[[Any], object]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "days": lambda days: timedelta(days=days),
}


def _revive(value: Any) -> Any:
    """Give a value as a sheet holds it; a moment was sent as `{its kind: …}`."""
    if not isinstance(value, dict):
        return value
    kind, said = next(iter(value.items()))
    return _MOMENTS[kind](said)


def to_sheet(read: dict[str, Any]) -> Sheet:
    """Make a sheet of what the child tells of it."""
    return Sheet(
        name=read["name"],
        rows=tuple(tuple(_revive(value) for value in row) for row in read["rows"]),
        is_visible=read["is_visible"],
        merges=tuple(Merge(*corners) for corners in read["merges"]),
        hidden_rows=frozenset(read["hidden_rows"]),
        hidden_columns=frozenset(read["hidden_columns"]),
        uncached=frozenset((row, column) for row, column in read["uncached"]),
    )
