"""The child that reads workbooks: it may die, hang or lie, and none of its files takes another with it."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import SubmissionError
from etl.reading.grid import Book
from etl.reading.sheets import read_book, read_books
from etl.reading.workbook_reader import WorkbookReader
from etl.settings import Limits
from tests.unit.odd_child import HABITS

ROOT = Path(__file__).parents[2]
LOOSE = Limits(max_rows=2_000_000, max_columns=20_000, max_cells=10**12, max_memory_mb=512)
QUICK = Limits(max_seconds=0)
HARMLESS = ("fine.xlsx", "old.xls", "table.csv", "cut.xlsx", "nothing.xlsx", "none.xlsx")


def seen(book: Book | SubmissionError) -> object:
    return (book.rule, book.message_vi, book.message_en) if isinstance(book, SubmissionError) else book


def read_alone(path: Path, limits: Limits = LOOSE) -> object:
    try:
        return read_book(path, limits)
    except SubmissionError as error:
        return seen(error)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except OSError:
        return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each sort: a good one, a damaged one, one that aborts the child, one that it takes too long for."""
    here = tmp_path_factory.mktemp("files")
    book = openpyxl.Workbook()
    book.active["B2"] = "Hộ tịch"
    book.save(here / "fine.xlsx")
    (here / "cut.xlsx").write_bytes((here / "fine.xlsx").read_bytes()[:-900])
    book.active["XFD1048576"] = 1
    book.save(here / "aborts.xlsx")
    openpyxl.Workbook().save(here / "nothing.xlsx")
    old = xlwt.Workbook()
    old.add_sheet("A").write(0, 0, 5)
    old.save(str(here / "old.xls"))
    (here / "table.csv").write_text("a;b\n1;2\n", "utf-8")
    return here


@pytest.fixture(scope="module")
def alone(folder: Path):
    return cache(lambda name: read_alone(folder / name))


def test_what_a_file_gives_alone_is_known(alone):
    assert {name for name in HARMLESS if isinstance(alone(name), Book)} == {"fine.xlsx", "old.xls", "table.csv"}
    assert "too large" in alone("aborts.xlsx")[2]


@settings(max_examples=12)
@given(names=st.lists(st.sampled_from((*HARMLESS, "aborts.xlsx")), max_size=12))
def test_a_batch_gives_what_each_file_gives_alone(folder, alone, names):
    assert [seen(book) for book in read_books((folder / name for name in names), LOOSE)] == list(map(alone, names))


def test_a_file_that_takes_too_long_costs_its_own_time_and_no_other_file(tmp_path, folder, alone):
    book = openpyxl.Workbook()
    for row in range(1, 20_001):
        book.active.cell(row, 500).value = row
    book.save(tmp_path / "slow.xlsx")
    start = time.monotonic()
    paths = [folder / "fine.xlsx", tmp_path / "slow.xlsx", folder / "fine.xlsx"]
    first, slow, last = read_books(paths, replace(LOOSE, max_seconds=0))
    assert "too long" in str(slow) and time.monotonic() - start < 10
    assert first == last == alone("fine.xlsx")


def read_oddly(*habits: str) -> list[object]:
    """Read files by a child that is asked for all of them before its first answer is read."""
    answers: list[object] = []
    with WorkbookReader(QUICK, module="tests.unit.odd_child") as reader:
        for habit in habits:
            reader.ask(Path(habit))
        for _ in habits:
            try:
                answers.append(reader.read())
            except SubmissionError as refused:
                answers.append(refused.message_en)
    return answers


@pytest.mark.parametrize("habit", HABITS)
def test_a_child_that_dies_hangs_or_lies_takes_no_other_file_with_it(habit):
    before, start = children_of(os.getpid()), time.monotonic()
    first, odd, second, third = read_oddly("good", habit, "good", "good")
    assert isinstance(first, Book) and first == second == third
    assert isinstance(odd, str)
    assert time.monotonic() - start < 10
    assert children_of(os.getpid()) == before


def test_a_child_killed_from_outside_is_replaced_and_nobody_notices(folder, alone):
    names = ["fine.xlsx"] * 12
    with closing(read_books([folder / name for name in names], LOOSE)) as books:
        read = [next(books)]
        for _ in names[1:]:
            for child in children_of(os.getpid()):
                os.kill(child, signal.SIGKILL)
            read.append(next(books))
    assert read == [alone(name) for name in names]


def test_one_child_reads_a_batch_however_large_its_parent_is(folder):
    ballast, seen = b"x" * (400 << 20), []
    with closing(read_books([folder / "fine.xlsx"] * 4)) as books:
        for _ in books:
            seen.append(children_of(os.getpid()))
    assert ballast and len(seen) == 4 and len({tuple(pids) for pids in seen}) == 1


def test_a_child_that_holds_much_memory_gives_way_to_a_fresh_one(folder, alone):
    small = Limits(max_memory_mb=80)  # a quarter of it is less than any child holds
    assert list(read_books([folder / "fine.xlsx"] * 3, small)) == [alone("fine.xlsx")] * 3


def test_readers_in_several_threads_do_not_meet(folder, alone):
    names, read = [*HARMLESS, "aborts.xlsx"], {}

    def read_all(number: int) -> None:
        read[number] = [seen(book) for book in read_books([folder / name for name in names], LOOSE)]

    threads = [threading.Thread(target=read_all, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(read.values()) == [list(map(alone, names))] * 3


PARENT = """
import os, sys, time
from pathlib import Path
from etl.reading.sheets import read_books
books = read_books([Path(sys.argv[1])] * 50)
next(books)
if os.fork() == 0:  # as a scheduler forks its tasks: it holds the ends of the pipes too
    print(os.getpid(), flush=True)
time.sleep(600)
"""


def test_a_child_ends_with_its_parent_however_that_ended(folder):
    arguments = [sys.executable, "-W", "ignore", "-c", PARENT, str(folder / "fine.xlsx")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        fork = int(parent.stdout.readline())
        (child,) = set(children_of(parent.pid)) - {fork}
        parent.kill()
        deadline = time.monotonic() + 10
        while is_alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        survived, holder = is_alive(child), is_alive(fork)
        os.kill(fork, signal.SIGKILL)
    assert holder and not survived
