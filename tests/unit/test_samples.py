"""The samples: the published sums, balances and chains that hold, files as the generator writes them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from python_calamine import CalamineError, CalamineWorkbook

from etl.forms import constraints, determined
from etl.model import Report, Submission
from etl.parse import parse
from etl.reference import Reference, read_reference
from samples.figures import DESK, Figures, build_figures, sum_of
from samples.make import HERE, LATE, UNREADABLE_FIRST, WRONG_FIRST, build_samples, with_slip

Rows = list[Mapping[str, object]]
MONTHS = ("2022-01", "2022-02", "2022-03", "2022-04")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference(HERE.parent / "reference" / "son-tay")


@pytest.fixture(scope="module")
def figures() -> Figures:
    return build_figures()


@pytest.fixture(scope="module")
def files(reference: Reference) -> dict[PurePosixPath, bytes]:
    return build_samples(reference)


def rows_of(figures: Figures, months: tuple[str, ...], *, desk: bool) -> Rows:
    return [
        row for (unit, month), rows in figures.items() if (unit == DESK) is desk and month in months for row in rows
    ]


@pytest.mark.parametrize(
    ("desk", "received", "resolved", "in_time", "overdue", "pending"),
    [(False, 6977, 6975, 6957, 18, 2), (True, 1297, 1197, 1197, 0, 100)],
)
def test_sums_are_the_published_ones(
    figures: Figures, *, desk: bool, received: int, resolved: int, in_time: int, overdue: int, pending: int
) -> None:
    every, first, last = (rows_of(figures, m, desk=desk) for m in (MONTHS, MONTHS[:1], MONTHS[-1:]))
    assert sum_of(first, "carried_over") + sum_of(every, "received_in_period") == received
    assert sum_of(every, "resolved_total") == resolved
    assert sum_of(every, "resolved_in_time") == in_time
    assert sum_of(every, "resolved_overdue") == overdue
    assert sum_of(last, "pending_total") == pending


def test_desk_carried_fifteen_over_from_before_january(figures: Figures) -> None:
    assert sum_of(rows_of(figures, MONTHS[:1], desk=True), "carried_over") == 15


def test_every_balance_holds_in_every_row(figures: Figures, reference: Reference) -> None:
    form = reference.form
    equations = constraints(form.balances, frozenset(form.measure_names))
    assert len(equations) == len(form.balances)
    for rows in figures.values():
        for row in rows:
            assert all(int(str(row[measure])) >= 0 for measure in form.measure_names)
            assert all(sum(c * int(str(row[m])) for m, c in e.coefficients) == 0 for e in equations), row


def test_every_opening_stock_is_the_closing_stock_before(figures: Figures, reference: Reference) -> None:
    roll = reference.form.roll_forwards[0]
    compared = 0
    for unit in {unit for unit, _ in figures}:
        for earlier, later in pairwise(MONTHS):
            closing, opening = stocks(figures[unit, earlier], roll.closing), stocks(figures[unit, later], roll.opening)
            assert closing == opening
            compared += len(closing)
    assert compared > 3 * 16 * 5


def stocks(rows: object, measure: str) -> dict[tuple[object, object], object]:
    return {(row["source_system"], row["field"]): row[measure] for row in rows}  # type: ignore[attr-defined]


def test_each_expected_unit_reports_each_month(figures: Figures, reference: Reference) -> None:
    periods = [reference.town.calendar.month(2022, month) for month in (1, 2, 3, 4)]
    owed = {(unit.code, period.key) for period in periods for unit in reference.expected_units(period)}
    assert figures.keys() == owed
    assert len(owed) == 64


def test_the_slip_breaks_the_row_and_nothing_else(figures: Figures) -> None:
    right = figures[WRONG_FIRST]
    wrong = with_slip(right)
    assert [name for name in right[0] if right[0][name] != wrong[0][name]] == ["resolved_on_time"]
    assert wrong[1:] == list(right[1:])


def test_waves_hold_what_the_stories_say(files: dict[PurePosixPath, bytes]) -> None:
    sent = [path.parts for path in files if len(path.parts) == 4]
    first = {(unit, month) for month, wave, unit, _ in sent if wave == "1-first"}
    later = {(unit, month) for month, wave, unit, _ in sent if wave == "2-later"}
    assert later == {WRONG_FIRST, LATE, UNREADABLE_FIRST}
    assert first & later == {WRONG_FIRST, UNREADABLE_FIRST}
    assert len(first | later) == 64
    assert len(sent) == 66


def test_a_reader_finds_in_the_good_files_what_was_reported(
    files: dict[PurePosixPath, bytes], figures: Figures, reference: Reference, tmp_path: Path
) -> None:
    last = {path.parts[2] + path.parts[0]: path for path in sorted(files) if len(path.parts) == 4}
    assert len(last) == 64
    for path in last.values():
        month, _, unit, name = path.parts
        written = tmp_path / month / unit / name
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(files[path])
        submission = Submission("", name, len(files[path]), datetime.now(UTC), written, sent_by=unit)
        (report,) = parse(submission, reference)
        assert (report.unit_label, report.period_label) == (unit, month)
        assert rows_read(report, reference) == rows_reported(figures[unit, month], report), path


def rows_read(report: Report, reference: Reference) -> dict[tuple[str, str], dict[str, int]]:
    """Take the field rows of a report, completed by the balances where a cell was left blank."""
    frame = report.frame[report.frame["kind"] == "field"]
    names = reference.form.measure_names
    counts = {name: frame[name].to_numpy(dtype="float64", na_value=np.nan) for name in names}
    known = determined(reference.form.balances, counts)
    keys = list(zip(frame["source_system"], frame["field"], strict=True))
    return {key: {name: int(known[name][i]) for name in names if known[name][i] >= 0} for i, key in enumerate(keys)}


def rows_reported(rows: Iterable[Mapping[str, object]], report: Report) -> dict[tuple[str, str], dict[str, int]]:
    """Take what was reported: of a row with online and direct figures all, of an older edition what it prints."""
    unprinted = {"received_online", "received_direct", "resolved_early", "resolved_on_time"}
    wanted = {}
    for row in rows:
        figures = {name: value for name, value in row.items() if isinstance(value, int)}
        if report.edition == "2017":
            figures = {
                name: v for name, v in figures.items() if name not in unprinted or v == total_of(name, figures) == 0
            }
        wanted[str(row["source_system"]), str(row["field"])] = figures
    return wanted


def total_of(part: str, figures: Mapping[str, int]) -> int:
    return figures["received_in_period" if part.startswith("received") else "resolved_in_time"]


def test_committed_files_are_what_the_generator_writes(files: dict[PurePosixPath, bytes]) -> None:
    stored = {PurePosixPath(path.relative_to(HERE)) for path in stored_files()}
    assert stored == files.keys()
    for path, content in files.items():
        committed = (HERE / path).read_bytes()
        assert committed == content or cells(committed) == cells(content), path


def stored_files() -> Iterator[Path]:
    yield from (HERE / "years").glob("*")
    yield from (path for month in HERE.glob("2022-*") for path in month.rglob("*") if path.is_file())
    yield from HERE.glob("*.csv")


def cells(content: bytes) -> list[list[list[object]]] | None:
    """Read a workbook's cells: a library may pack the same ones differently. *Missing*: None where it is cut off."""
    try:
        book = CalamineWorkbook.from_object(BytesIO(content))
    except CalamineError:
        return None
    return [[list(row) for row in book.get_sheet_by_name(name).to_python()] for name in book.sheet_names]
