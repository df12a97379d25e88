"""The child process that marks a stranger's workbook: it may be killed, or run out of memory; then there is none.

It imports openpyxl, the scans and the readers of this system, and nothing of pandas.
"""

import io
import sys
import zipfile
from xml.etree.ElementTree import ParseError

sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl does without, and starts in half the time

import python_calamine  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from etl.errors import SubmissionError  # noqa: E402
from etl.marking.cell_notes import put_notes  # noqa: E402
from etl.marking.job import Job  # noqa: E402
from etl.marking.list_sheet import drop_earlier_list, put_list  # noqa: E402
from etl.marking.note_places import place_notes  # noqa: E402
from etl.marking.own_workbook import OpenBook, open_own  # noqa: E402
from etl.marking.rebuilt_workbook import rebuild  # noqa: E402
from etl.reading.csv_sheet import read_csv_sheet  # noqa: E402
from etl.reading.grid import Sheet  # noqa: E402
from etl.reading.own_limits import limit_self  # noqa: E402
from etl.reading.workbook_cells import ceiling_of, read_cells  # noqa: E402
from etl.reading.workbook_reader import to_sheet  # noqa: E402
from etl.reading.workbook_scan import RefusedError  # noqa: E402
from etl.sealing import seal_workbook  # noqa: E402
from etl.settings import Limits  # noqa: E402

_MOST_WRITTEN = 10  # times the largest file we take: openpyxl writes each sheet to a file of its own first
_NOT_FOR_OPENPYXL = (KeyError, IndexError, ValueError, TypeError, AttributeError, ParseError)
"""What openpyxl raises for workbooks that spreadsheets still open: odd styles, properties, drawings."""


def main(kind: str, limits: dict[str, int]) -> None:
    """Read a job and, after its line, a file from stdin; print the marked workbook, or why there is none."""
    limit_self(limits["max_seconds"], limits["max_memory_mb"], max_written_bytes=_MOST_WRITTEN * limits["max_bytes"])
    job = Job.from_json(sys.stdin.buffer.readline())
    try:
        marked = mark_workbook(sys.stdin.buffer.read(), kind, job, limits)
    except RefusedError as refused:
        marked = refused.reason.encode()
    except SubmissionError as error:
        marked = error.rule.encode()
    sys.stdout.buffer.write(marked)


def mark_workbook(content: bytes, kind: str, job: Job, limits: dict[str, int]) -> bytes:
    """Mark what a job says in a workbook, and give it as xlsx.

    An xlsx stays what it is; anything else, and an xlsx that openpyxl fails on, is rebuilt from its cells.
    """
    if kind == "xlsx":
        try:
            return _mark(open_own(content, ceiling_of(limits)), job)
        except _NOT_FOR_OPENPYXL:
            pass
    return _mark(rebuild(_read(content, kind, limits)), job)


def _mark(opened: OpenBook, job: Job) -> bytes:
    book = opened.book
    drop_earlier_list(book)
    put_notes(opened.pages, job.notes)
    put_list(book, opened.pages, job.listing)
    stream = io.BytesIO()
    book.save(stream)
    cached = {page.path.removeprefix("/"): opened.cached.get(page.title, {}) for page in book.worksheets}
    return seal_workbook(stream.getvalue(), cached, replaced=_placed_notes(stream, book))


def _placed_notes(stream: io.BytesIO, book: Workbook) -> dict[str, bytes]:
    """Give the drawings of comments anew, with their places."""
    drawings = {str(page.legacy_drawing): page for page in book.worksheets if page.legacy_drawing}
    with zipfile.ZipFile(stream) as archive:
        return {part: place_notes(archive.read(part).decode(), page).encode() for part, page in drawings.items()}


def _read(content: bytes, kind: str, limits: dict[str, int]) -> tuple[Sheet, ...]:
    if kind == "text":
        return (read_csv_sheet(content, Limits(**limits)),)
    try:
        return tuple(to_sheet(sheet) for sheet in read_cells(content, kind, ceiling_of(limits)))
    except python_calamine.CalamineError as error:
        raise RefusedError("damaged") from error
