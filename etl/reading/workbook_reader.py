"""Asking a child for the cells of workbooks, one after another; no file takes another with it.

A file at which the child dies or lies is read again by a fresh one, before it is refused. The child reads on while
the caller works on what it has: it is asked a few files ahead.
"""

import json
import os
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from etl.errors import SubmissionError
from etl.reading.child_process import ChildDiedError
from etl.reading.grid import Book, Merge, Sheet, Value
from etl.reading.serving_child import LiesError, ServingChild
from etl.reading.unreadable import Unreadable, refuse
from etl.settings import Limits

MODULE = "etl.reading.workbook_child"
_GRACE_SECONDS = 2  # the processor time is limited in the child; the clock may run longer on a busy machine
_LETTER_BYTES, _CELL_BYTES = 6, 40  # of an answer at most, as JSON: "\u1edd", {"datetime":"2022-04-16T00:00:00"}


class WorkbookReader:
    """Reads the workbooks it is asked for, in that order."""

    def __init__(self, limits: Limits, *, module: str = MODULE) -> None:
        self._limits, self._module = limits, module
        self._most_bytes = _LETTER_BYTES * limits.max_bytes + _CELL_BYTES * limits.max_cells
        self._asked: deque[bytes] = deque()
        self._child: ServingChild | None = None
        self._told = 0  # of `_asked`, to this child
        self._answers = 0  # of this child

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end_child()

    def ask(self, path: Path) -> None:
        """Ask for a workbook; the child begins as soon as it is done with those before."""
        self._asked.append(os.fsencode(path.absolute()))
        self._tell(len(self._asked))

    def read(self) -> Book:
        """Give the oldest workbook asked for. *Raises*: `SubmissionError`, and nothing else, whatever its bytes are."""
        try:
            return self._answer()
        finally:
            self._asked.popleft()
            self._told = max(0, self._told - 1)
            self._tell(len(self._asked))

    def _answer(self) -> Book:
        """Read the answer; put the question again, alone, to a fresh child where an earlier file may be at fault."""
        is_fresh = not self._answers
        try:
            return self._read_answer()
        except (ChildDiedError, TimeoutError, LiesError) as end:
            self._end_child()
            if is_fresh or _is_by_itself(end):
                self._refuse(end)
        self._tell(1)
        return self._answer()

    def _read_answer(self) -> Book:
        assert self._child is not None
        seconds = self._limits.max_seconds + _GRACE_SECONDS
        answer = self._child.answer(max_bytes=self._most_bytes, max_seconds=seconds)
        self._answers += 1
        return _to_book(answer)

    def _tell(self, count: int) -> None:
        """See to it that a child has been asked for the first `count` workbooks."""
        if self._child is None and count:
            self._child, self._told, self._answers = ServingChild(self._module, [asdict(self._limits)]), 0, 0
        while self._child is not None and self._told < count:
            self._child.ask(self._asked[self._told])
            self._told += 1

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child, self._told = None, 0

    def _refuse(self, end: Exception) -> NoReturn:
        if _is_out_of_time(end):
            refuse(Unreadable.TOO_SLOW, str(self._limits.max_seconds))
        if isinstance(end, ChildDiedError) and end.is_out_of_memory:
            refuse(Unreadable.TOO_LARGE, f"> {self._limits.max_memory_mb} MB RAM")
        refuse(Unreadable.DAMAGED)


def _is_out_of_time(end: Exception) -> bool:
    return isinstance(end, TimeoutError) or (isinstance(end, ChildDiedError) and end.is_out_of_time)


def _is_by_itself(end: Exception) -> bool:
    """Tell whether a file is the cause, whatever the child read before: time is counted for each."""
    return isinstance(end, TimeoutError) or (isinstance(end, ChildDiedError) and end.returncode == -signal.SIGXCPU)


# ---------------------------------------------------------------------------------------------------------
# What the child tells, as a book


_PLAIN = frozenset({str, int, float, bool, type(None)})
_MOMENTS: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "days": lambda days: timedelta(days=days),
}


def _to_book(answer: bytes) -> Book:
    """Make a book of an answer. *Raises*: `SubmissionError` for a refusal, LiesError for what is no answer."""
    try:
        told = json.loads(answer)
        if "rule" in told:
            raise SubmissionError(str(told["rule"]), str(told["vi"]), str(told["en"]))
        if "refused" in told:
            refuse(Unreadable(told["refused"]), str(told["detail"]))
        return Book(tuple(map(to_sheet, told["sheets"])), _to_moment(told["saved_at"]))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise LiesError("no answer in the agreed form") from None


def _to_moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text and "T" in text else None
    except ValueError:  # whatever a program wrote there
        return None


def to_sheet(read: dict[str, Any]) -> Sheet:
    """Make a sheet of what the child tells of it."""
    return Sheet(
        name=read["name"],
        rows=tuple(map(_to_row, read["rows"])),
        is_visible=read["is_visible"],
        merges=tuple(Merge(*corners) for corners in read["merges"]),
        hidden_rows=frozenset(read["hidden_rows"]),
        hidden_columns=frozenset(read["hidden_columns"]),
        uncached=frozenset((row, column) for row, column in read["uncached"]),
    )


def _to_row(cells: list[Any]) -> tuple[Value, ...]:
    return tuple(cells) if _PLAIN.issuperset(map(type, cells)) else tuple(map(_revive, cells))


def _revive(value: Any) -> Value:
    """Give a value as a sheet holds it; a moment was sent as `{its kind: …}`."""
    if type(value) in _PLAIN:
        return value  # type: ignore[no-any-return]
    ((kind, said),) = value.items()
    return _MOMENTS[kind](said)  # type: ignore[no-any-return]
