"""Reading a file into sheets of cells, whatever it claims to be.

The file is a stranger's: its kind is told by its first bytes, never by its name, and a workbook is
read in a child process with a ceiling on memory and time, because a few kilobytes are enough to abort
the library that reads it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from etl.reading.csv_sheet import read_csv_sheet
from etl.reading.file_kind import Kind, find_kind
from etl.reading.grid import Book, Merge, Sheet
from etl.reading.unreadable import Unreadable, refuse
from etl.reading.workbook_scan import Ceiling
from etl.settings import Limits

_ROOT = Path(__file__).resolve().parents[2]
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from etl.reading.workbook_child import main; "
    "main(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))"
)
DEFAULT_LIMITS = Limits()
_GRACE_SECONDS = 5  # the processor time is limited in the child; the clock may run longer on a busy machine


def read_book(path: Path, limits: Limits = DEFAULT_LIMITS) -> Book:
    """Read every sheet of a workbook, or the one sheet of a CSV file.

    *Raises*: `SubmissionError`, and nothing else, for whatever the bytes may be.
    """
    content = _read_bytes(path, limits)
    kind = find_kind(content)
    book = Book((read_csv_sheet(content, limits),)) if kind == Kind.TEXT else _read_workbook(content, kind, limits)
    if not any(value is not None or sheet.uncached for sheet in book.sheets for row in sheet.rows for value in row):
        refuse(Unreadable.EMPTY)
    return book


def read_sheets(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[Sheet, ...]:
    """Read the sheets of a file alone. *Raises*: as `read_book`."""
    return read_book(path, limits).sheets


def _read_bytes(path: Path, limits: Limits) -> bytes:
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
    return Book(tuple(_to_sheet(sheet) for sheet in answer["sheets"]), _to_moment(answer["saved_at"]))


def _to_moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text and "T" in text else None
    except ValueError:  # whatever a program wrote there
        return None


def _ask_child(content: bytes, kind: Kind, limits: Limits) -> dict[str, Any]:
    """Run a fresh interpreter: cheaper than a fork of a large process, and safe beside threads."""
    ceiling = json.dumps({f.name: getattr(limits, f.name) for f in fields(Ceiling)})
    arguments = [str(_ROOT), kind.value, ceiling, str(limits.max_seconds), str(limits.max_memory_mb)]
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD, *arguments],
            check=False,
            input=content,
            capture_output=True,
            timeout=limits.max_seconds + _GRACE_SECONDS,
            env={name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        refuse(Unreadable.TOO_SLOW, str(limits.max_seconds))
    if child.returncode == 0:
        answer: dict[str, Any] = json.loads(child.stdout, object_hook=_revive)
        return answer
    _refuse_for_death(child.returncode, child.stderr, limits)
    raise AssertionError("unreachable")


def _refuse_for_death(returncode: int, last_words: bytes, limits: Limits) -> None:
    """Say what killed the child. Its last words may quote the file, so they go nowhere else."""
    if any(word in last_words for word in (b"MemoryError", b"memory allocation", b"capacity overflow")):
        refuse(Unreadable.TOO_LARGE, f"> {limits.max_memory_mb} MB RAM")
    if -returncode in (9, 24):  # SIGKILL and SIGXCPU: the processor time ran out
        refuse(Unreadable.TOO_SLOW, str(limits.max_seconds))
    if b"ModuleNotFoundError" in last_words or b"ImportError" in last_words:
        raise RuntimeError("the reader of workbooks does not start: is the installation complete?")
    refuse(Unreadable.DAMAGED)


_MOMENTS: dict[str, Callable[[Any], object]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "days": lambda days: timedelta(days=days),
}


def _revive(item: dict[str, Any]) -> Any:
    if len(item) == 1:
        kind, value = next(iter(item.items()))
        if kind in _MOMENTS:
            return _MOMENTS[kind](value)
    return item


def _to_sheet(read: dict[str, Any]) -> Sheet:
    return Sheet(
        name=read["name"],
        rows=tuple(tuple(row) for row in read["rows"]),
        is_visible=read["is_visible"],
        merges=tuple(Merge(*corners) for corners in read["merges"]),
        hidden_rows=frozenset(read["hidden_rows"]),
        hidden_columns=frozenset(read["hidden_columns"]),
        uncached=frozenset((row, column) for row, column in read["uncached"]),
    )
