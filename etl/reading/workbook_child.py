"""The child that opens strangers' workbooks, one after another, and tells their cells as JSON.

It may be killed, run out of memory or be aborted by the library: that is what it is for. It imports only
the standard library, python-calamine and what tells a file's kind, so that starting it costs some hundredths of a
second.
"""

import json
import os
import select
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import python_calamine

from etl.errors import SubmissionError
from etl.reading.content import read_content
from etl.reading.file_kind import Kind, find_kind
from etl.reading.own_limits import find_memory_held_mb, limit_from_now, limit_self
from etl.reading.saved_moment import find_saved_moment
from etl.reading.workbook_cells import ceiling_of, read_cells
from etl.reading.workbook_scan import RefusedError
from etl.settings import Limits

_IDLE_SECONDS = 2  # after which to look whether the parent still lives: another process may hold its end of the pipe
_DAMAGE = (
    *(python_calamine.CalamineError, zipfile.BadZipFile, ExpatError, zlib.error),
    *(KeyError, IndexError, ValueError, OverflowError, EOFError, NotImplementedError),
)
_MUCH_MEMORY = 4  # a part of what is allowed: a child that holds more gives way to a new one


def main(parent: int, limits: dict[str, int]) -> None:
    """Answer each path on stdin with what is in its file, until there are no more or the parent is gone."""
    limit_self(limits["max_seconds"], limits["max_memory_mb"])
    for path in _questions(parent):
        limit_from_now(limits["max_seconds"])
        answer = json.dumps(read_file(path, limits), separators=(",", ":")).encode("ascii")
        _send(len(answer).to_bytes(8, "big") + answer, parent)
        if find_memory_held_mb() > limits["max_memory_mb"] // _MUCH_MEMORY:
            return


def _questions(parent: int) -> Iterator[Path]:
    stdin = sys.stdin.fileno()
    poll = select.poll()
    poll.register(stdin, select.POLLIN)
    received = b""
    while True:
        _wait(poll, parent)
        part = os.read(stdin, 65_536)
        if not part:
            return
        *paths, received = (received + part).split(b"\0")
        yield from map(Path, map(os.fsdecode, paths))


def _send(answer: bytes, parent: int) -> None:
    stdout = sys.stdout.fileno()
    os.set_blocking(stdout, False)
    poll = select.poll()
    poll.register(stdout, select.POLLOUT)
    rest = memoryview(answer)
    while rest:
        _wait(poll, parent)
        rest = rest[os.write(stdout, rest) :]


def _wait(poll: "select.poll", parent: int) -> None:
    """Wait for the parent, and end with it: nobody will ever read the answer."""
    while not poll.poll(_IDLE_SECONDS * 1000):
        if os.getppid() != parent:
            sys.exit()


def read_file(path: Path, limits: dict[str, int]) -> dict[str, Any]:
    """Give `{"sheets": […], "saved_at": …}`, or why there are none.

    That is a word of `Unreadable` with its detail, `{"refused": …, "detail": …}`, or what the ward is told in full,
    `{"rule": …, "vi": …, "en": …}`.
    """
    try:
        content = read_content(path, Limits(**limits))
        kind = find_kind(content)
        if kind is Kind.TEXT:  # it was a workbook when the parent looked
            return {"refused": "damaged", "detail": ""}
        return {"sheets": read_cells(content, kind, ceiling_of(limits)), "saved_at": find_saved_moment(content, kind)}
    except SubmissionError as error:
        return {"rule": error.rule, "vi": error.message_vi, "en": error.message_en}
    except RefusedError as refused:
        return {"refused": refused.reason, "detail": refused.detail}
    except python_calamine.PasswordError:
        return {"refused": "encrypted", "detail": ""}
    except _DAMAGE:
        return {"refused": "damaged", "detail": ""}
