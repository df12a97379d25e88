"""A few thousand fuzzed inputs; `python -m tests.hostile.fuzz --inputs 100000` runs as many as you like."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import SubmissionError
from etl.model import Submission
from etl.parse import parse_book
from etl.reading.grid import Book, Merge, Sheet
from tests.hostile.fuzz import main, make
from tests.hostile.targets import SENT_AT, TARGETS, known

NUMBERS = {"mail": 2_500, "csv": 200, "grid": 200, "statement": 5}
HEADS = (
    (
        "STT",
        "Lĩnh vực",
        "Tổng số",
        "Trực tuyến",
        "Trực tiếp",
        "Từ kỳ trước",
        "Tổng số",
        "Trước hạn",
        "Đúng hạn",
        "Quá hạn",
    ),
    ("unit", "period", "field", "received_total", "carried_over", "resolved_total", "pending_total"),
)
CELLS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(
        ["09574", "2022-04", "Hộ tịch", "TỔNG CỘNG", "1.297", "-", "(1)", "I", "Tháng 4 năm 2022", "x" * 9_000]
    ),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.timedeltas(),
)
CORNERS = st.integers(1, 300)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_but_an_outcome_comes_of_any_input(
    target: object, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id
    count = str(NUMBERS.get(name, 25))
    assert main(["--inputs", count, "--seed", "1", "--only", name, "--keep", str(tmp_path)]) == 0
    assert f"| {name} | {count} |" in capsys.readouterr().out


def test_an_input_follows_from_seed_reader_and_number() -> None:
    for target in TARGETS:
        assert make(target, 7, 1) == make(target, 7, 1)
        assert [make(target, number, 1) for number in range(9)] != [make(target, number, 2) for number in range(9)]


@settings(max_examples=60)
@given(
    st.sampled_from(HEADS),
    st.lists(st.lists(CELLS, max_size=12).map(tuple), max_size=8),
    st.lists(st.lists(CELLS, max_size=12).map(tuple), max_size=8),
    st.lists(st.builds(Merge, CORNERS, CORNERS, CORNERS, CORNERS), max_size=3).map(tuple),
)
def test_any_grid_is_parsed_or_refused(
    head: tuple[str, ...], above: list[tuple[object, ...]], below: list[tuple[object, ...]], merges: tuple[Merge, ...]
) -> None:
    sheet = Sheet("Biểu", (*above, head, *below), merges=merges)  # type: ignore[arg-type]
    try:
        reports = parse_book(Submission("", "a.xlsx", 1, SENT_AT, Path("a")), Book((sheet,)), known())
    except SubmissionError as error:
        assert error.message_vi and error.message_en
        return
    assert all(finding.message_vi and finding.message_en for report in reports for finding in report.findings)
