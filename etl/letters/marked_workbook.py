"""Compose the answer inside a ward's own workbook: what it sent, with the cells in question coloured and explained."""

import logging
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace

from etl.errors import SubmissionError
from etl.letters.finding_marks import find_notes
from etl.letters.findings_list import compose_listing
from etl.mail import XLSX, Attachment
from etl.marking.job import Job
from etl.model import CheckedReport, Submission
from etl.phrases import clean
from etl.reading.child_process import ChildDiedError, run_child
from etl.reading.content import read_content
from etl.reading.file_kind import find_kind
from etl.reference import Reference
from etl.settings import Limits

log = logging.getLogger(__name__)

MARKED = " (đã đánh dấu)"
_MOST_CELLS = 100_000  # opening a workbook with its formats takes fifty times what reading its cells does
_MOST_BYTES = 10_000_000  # a mail with more is refused by many servers
_MOST_LETTERS = 80  # of the ward's own name for its file
_SUFFIX = re.compile(r"\.(?:xlsx|xlsm|xltx|xls|ods|fods|csv|tsv|txt|et)$", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')


def compose_marked_workbook(
    submission: Submission, outcome: Sequence[CheckedReport], reference: Reference, limits: Limits
) -> Attachment | None:
    """Give back what a ward sent, as xlsx, with its findings marked. The same findings give the same bytes.

    *Missing*: None where nothing was found, and where the file cannot be marked within the limits; no bytes make it
    fail otherwise.
    """
    if not any(checked.findings for checked in outcome):
        return None
    job = Job(notes=tuple(find_notes(outcome, reference)), listing=compose_listing(submission, outcome, reference))
    marked = _mark(submission, job, replace(limits, max_cells=min(limits.max_cells, _MOST_CELLS)))
    if isinstance(marked, str):
        log.info("marked workbook: none for submission %s: %s", submission.sha256[:12], marked)
        return None
    return Attachment(_marked_name(submission.name), XLSX, marked)


def _mark(submission: Submission, job: Job, limits: Limits) -> bytes | str:
    """Give the marked workbook, or a word why there is none."""
    try:
        content = read_content(submission.path, limits)
        kind = find_kind(content)
    except SubmissionError as error:
        return error.rule
    try:
        marked = _run(kind.value, job.to_json() + b"\n" + content, limits)
    except subprocess.TimeoutExpired:
        return "too_slow"
    except ChildDiedError as death:
        return "too_large" if death.is_out_of_memory else "too_slow" if death.is_out_of_time else "damaged"
    if not marked.startswith(b"PK"):
        return marked.decode("ascii", "replace")
    return marked if len(marked) <= _MOST_BYTES else "too_large"


def _run(kind: str, told: bytes, limits: Limits) -> bytes:
    """Run the child; what openpyxl writes aside lies in a folder of its own, and goes even if the child is killed."""
    with tempfile.TemporaryDirectory(prefix="ward-reports-") as folder:
        arguments = [kind, asdict(limits)]
        seconds = limits.max_seconds
        return run_child("etl.marking.child", arguments, told, max_seconds=seconds, environ={"TMPDIR": folder})


def _marked_name(name: str) -> str:
    """Name the answer after the ward's file: one line, no folders, and nothing that a file system refuses."""
    last = re.split(r"[/\\]", name)[-1]
    line = _NOT_IN_NAMES.sub("_", clean(last, 4 * _MOST_LETTERS))
    stem = _SUFFIX.sub("", line).replace(MARKED, "").strip(" .").lstrip("-~ .")  # none that is an option, or hidden
    return f"{clean(stem, _MOST_LETTERS) or 'bao-cao'}{MARKED}.xlsx"
