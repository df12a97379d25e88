"""Each hostile file has a verdict, takes no other with it, reaches for nothing, and is answered harmlessly.

The corpus is checked in one batch, but for the few that take seconds each. One file in `EVERY` is also answered with
its receipt and its marked workbook. `HOSTILE_EVERY=1` takes all of them, in some minutes.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.check_files import CheckedFile, check_files
from etl.errors import SubmissionError
from etl.letters.receipts import compose_receipt
from etl.model import Submission
from etl.receive import clean_name
from etl.reference import Reference, read_reference
from etl.settings import CHECKOUT, Limits
from tests.hostile.corpus import HEAVY, make_corpus
from tests.hostile.harmless import find_harm, find_harm_in_letter
from tests.hostile.lures import WORD, Watched, watch_lures
from tests.hostile.names import NAMES
from tests.hostile.seeds import XLSX
from tests.hostile.verdicts import SENT_AT, answer

EVERY = int(os.environ.get("HOSTILE_EVERY", "60"))
ALWAYS = (
    "far-cell",
    "merge-all",
    "bomb-extra-lying",
    "laughs-styles",
    "canary-sharedStrings",
    "http-workbook",
    "external-link",
    "sheet-file",
    "macros",
    "formula-dde",
    "formula-hyperlink",
    "says-equals",
    "tells-bidi",
    "tells-html",
    "sheet-named-equals",
    "formulas-uncached",
    "rows-empty-styled",
    "links",
    "title-0",
    "field-0",
)
SECONDS = 10
LIMITS = Limits()


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference(CHECKOUT / "reference" / "son-tay")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watch_lures(tmp_path_factory.mktemp("lures")) as watched:
        yield watched


@pytest.fixture(scope="module")
def corpus(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the corpus: name → file."""
    folder = tmp_path_factory.mktemp("corpus")
    paths = {}
    left_out = HEAVY if EVERY > 1 else ()
    for name, content in make_corpus(watched.lures, without=left_out):
        assert name not in paths
        paths[name] = folder / name
        paths[name].write_bytes(content)
    return paths


def facts(file: CheckedFile) -> tuple[object, ...]:
    return file.verdict, file.is_read, [finding.as_dict() for finding in file.findings]


def test_each_has_a_verdict_and_takes_no_other_with_it(
    corpus: dict[str, Path], reference: Reference, watched: Watched, tmp_path: Path
) -> None:
    first, last = tmp_path / "first.xlsx", tmp_path / "last.xlsx"
    for path in (first, last):
        path.write_bytes(XLSX)
    (alone,) = check_files([first], reference, LIMITS)
    checked = check_files([first, *corpus.values(), last], reference, LIMITS)
    assert len(checked) == len(corpus) + 2
    assert facts(checked[0]) == facts(alone) == facts(checked[-1])
    for file in checked:
        assert file.is_read or len(file.findings) == 1, file.path.name
        for finding in file.findings:
            assert finding.rule and finding.message_vi and finding.message_en, file.path.name
            assert WORD not in finding.message_en + finding.message_vi, file.path.name
    assert sum(not file.is_read for file in checked) > len(corpus) // 4  # hostile it is
    assert sum(file.is_read for file in checked) > len(corpus) // 4  # and yet much of it is a report
    assert watched.visits == []
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < LIMITS.max_memory_mb << 10


def test_each_is_answered_in_time_and_harmlessly(
    corpus: dict[str, Path], reference: Reference, watched: Watched
) -> None:
    chosen = [name for number, name in enumerate(corpus) if number % EVERY == 0 or Path(name).stem in ALWAYS]
    marked = 0
    for name in chosen:
        start = sum(os.times()[:4])
        answered = answer(corpus[name], name, reference, LIMITS)
        seconds = sum(os.times()[:4]) - start  # of the processor, ours and the children's: the clock says less
        assert seconds < SECONDS, name
        assert find_harm_in_letter(answered.receipt) == [], name
        if answered.marked:
            marked += 1
            assert find_harm(answered.marked) == [], name
    assert marked > len(chosen) // 5
    assert watched.visits == []


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_is_archived_and_answered(name: str, reference: Reference, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(XLSX)
    cleaned = clean_name(name)
    assert cleaned and "/" not in cleaned and len(cleaned) <= 200
    if name in NAMES[::6]:
        answered = answer(path, cleaned, reference, LIMITS)
        assert answered.marked
        assert find_harm_in_letter(answered.receipt) == []
    unread = Submission("ab" * 32, cleaned, 1, SENT_AT, path)
    refused = compose_receipt(unread, SubmissionError("S.unreadable", "Tệp hỏng.", "Damaged."), reference)
    assert find_harm_in_letter(refused) == []


def test_check_says_a_word_of_each_file_whatever_it_is(corpus: dict[str, Path], tmp_path: Path) -> None:
    chosen = [*(path for number, path in enumerate(corpus.values()) if number % 100 == 0)]
    (tmp_path / "folder.xlsx").mkdir()
    odd = [tmp_path / "folder.xlsx", tmp_path / "away.xlsx", tmp_path / ("x" * 10_000)]
    said = subprocess.run(
        [sys.executable, "-c", "from etl.cli import main; main()", "check", "--json", *map(str, [*chosen, *odd])],
        capture_output=True,
        check=False,
        text=True,
        cwd=CHECKOUT,
    )
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert [line["file"] for line in lines if "file" in line] == [str(path) for path in (*chosen, *odd)]
    assert said.returncode == 2
    assert said.stderr == ""
    told = [line["message_en"] for line in lines if "message_en" in line][-3:]
    assert told[0].startswith("This is a folder")
    assert told[1] == told[2]
    assert told[1].startswith("The file cannot be opened")


def test_limits_hold_for_text_as_for_workbooks(reference: Reference, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for limits, content in (
        (Limits(max_bytes=100), b"a;b\n" * 26),
        (Limits(max_rows=10), b"a;b\n" * 13),
        (Limits(max_columns=3), b"a;b;c;d\n"),
        (Limits(max_cells=10), b"a;b\n" * 6),
    ):
        path.write_bytes(content)
        (file,) = check_files([path], reference, limits)
        assert "too large" in file.findings[0].message_en
    start = time.process_time()
    path.write_bytes((";".join(["Chứng thực"] * 50) + "\n").encode() * 19_900)
    check_files([path], reference, LIMITS)
    assert time.process_time() - start < SECONDS
