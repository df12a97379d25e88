"""The published workbook: the official form, the town's table, fields, who is in, and what explains the figures."""

import io
from collections.abc import Callable, Iterator
from functools import partial

from openpyxl.worksheet.worksheet import Worksheet

from etl.publishing.change_sheets import write_adjustments, write_changes
from etl.publishing.coverage_sheet import write_coverage
from etl.publishing.figure_sheets import write_fields, write_units
from etl.publishing.official_form import open_form_book
from etl.publishing.release import Release
from etl.publishing.release_words import ReleaseWords
from etl.sealing import seal_workbook

_Sheet = Callable[[Worksheet, ReleaseWords], None]


def compose_workbook(release: Release) -> bytes:
    """Write a release as an xlsx workbook. The same release gives the same bytes."""
    words, book = ReleaseWords(release), open_form_book(release)
    for write in _sheets(release):
        write(book.create_sheet(), words)
    stream = io.BytesIO()
    book.save(stream)
    return seal_workbook(stream.getvalue(), {})


def _sheets(release: Release) -> Iterator[_Sheet]:
    """List what follows the official form: sheets that explain stand there only where there is something to explain."""
    yield from (write_units, write_fields, write_coverage)
    if not release.dataset.adjustments.empty:
        yield write_adjustments
    if release.changes is not None:
        yield partial(write_changes, changes=release.changes)
