"""Reading a file into sheets of cells, whatever it claims to be.

The file is a stranger's: its kind is told by its first bytes, never by its name, and a workbook is
read in a child process with a ceiling on memory and time, because a few kilobytes are enough to abort
the library that reads it.
"""

from collections import deque
from collections.abc import Generator, Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path

from etl.errors import SubmissionError
from etl.reading.content import read_content
from etl.reading.csv_sheet import read_csv_sheet
from etl.reading.file_kind import Kind, find_kind, may_be_workbook
from etl.reading.grid import Book, Sheet
from etl.reading.unreadable import Unreadable, refuse
from etl.reading.workbook_reader import WorkbookReader
from etl.settings import Limits

DEFAULT_LIMITS = Limits()
_AHEAD = 8  # files the child is asked for while the caller works on one; a pipe takes as many paths without waiting


def read_books(paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> Generator[Book | SubmissionError, None, None]:
    """Read files one after another: all sheets of a workbook, or the one sheet of a CSV file, or why there are none.

    One child reads them all, ahead of whoever takes them; it ends with the last, or where this iterator is closed.
    """
    waiting = iter(paths)
    asked: deque[tuple[Path, bool]] = deque()
    with WorkbookReader(limits) as reader:
        while True:
            for path in islice(waiting, _AHEAD - len(asked)):
                asked.append((path, is_workbook := may_be_workbook(path)))
                if is_workbook:
                    reader.ask(path)
            if not asked:
                return
            path, is_workbook = asked.popleft()
            try:
                book = reader.read() if is_workbook else _read_text(path, limits)
                yield _with_content(book)
            except SubmissionError as error:
                yield error


def read_book(path: Path, limits: Limits = DEFAULT_LIMITS) -> Book:
    """Read one file. *Raises*: `SubmissionError`, and nothing else, for whatever the bytes may be."""
    with closing(read_books([path], limits)) as books:
        book = next(books)
    if isinstance(book, SubmissionError):
        raise book
    return book


def read_sheets(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[Sheet, ...]:
    """Read the sheets of a file alone. *Raises*: as `read_book`."""
    return read_book(path, limits).sheets


def _read_text(path: Path, limits: Limits) -> Book:
    content = read_content(path, limits)
    if find_kind(content) is not Kind.TEXT:  # it became a workbook meanwhile
        refuse(Unreadable.DAMAGED)
    return Book((read_csv_sheet(content, limits),))


def _with_content(book: Book) -> Book:
    """Give a book back. *Raises*: `SubmissionError` where nothing stands in it."""
    if not any(value is not None or sheet.uncached for sheet in book.sheets for row in sheet.rows for value in row):
        refuse(Unreadable.EMPTY)
    return book
