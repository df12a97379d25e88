"""Made reports hold exactly the errors that they are said to hold, and our check and plain pandas find just these."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from great_expectations.execution_engine import pandas_execution_engine

from bench.check import with_ours, with_pandas
from bench.check.comparison import compare
from bench.check.made_reports import write_reports
from bench.check.rules import KEYS, SUMS
from expectations import breaches
from expectations.grouping import find_first, group_numbers
from expectations.validate import validate


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_reports(folder, units=120, months=2)
    return folder


@pytest.mark.parametrize("contender", [with_ours, with_pandas], ids=["ours", "pandas"])
def test_exactly_what_was_made_wrong_is_found(made: Path, contender: object) -> None:
    contender.find(contender.load(made)).to_parquet(made / "found-it.parquet")  # type: ignore[attr-defined]
    assert compare(made, "it") == []


def test_every_rule_is_broken_somewhere_and_a_difference_is_told(made: Path) -> None:
    expected = pd.read_parquet(made / "expected.parquet").drop_duplicates()
    rules = {rule.rule for rule in SUMS} | {"V.negative", "S.row-doubled", "T.total-row", "C.roll-forward"}
    assert set(expected["rule"]) == rules
    assert 0.08 < len(expected) / (120 * 2 * 30) < 0.16
    one_else = pd.DataFrame([dict.fromkeys(KEYS, "?")])
    pd.concat([expected.iloc[1:], one_else]).to_parquet(made / "found-wrong.parquet")
    assert [line.split(", such as")[0].split(": ")[1] for line in compare(made, "wrong")] == [
        "1 not found", "1 found besides",
    ]  # fmt: skip


def test_the_same_seed_makes_the_same_reports(tmp_path: Path) -> None:
    contents = []
    for seed in (1, 1, 2):
        write_reports(tmp_path, units=10, months=1, seed=seed)
        contents.append(pd.read_parquet(tmp_path / "rows.parquet"))
    assert contents[0].equals(contents[1])
    assert not contents[0].equals(contents[2])


def test_balances_do_not_depend_on_how_many_rows_are_judged_at_once(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = with_ours.load(made)
    found = []
    for at_once in (breaches.AT_ONCE, 7):
        monkeypatch.setattr(breaches, "AT_ONCE", at_once)
        broken = breaches.find_balance_breaches(batch.rows, batch.reference.form.balances)
        found.append({name: sorted(with_ours.positions(parts).tolist()) for name, parts in broken.items() if parts})
    assert found[0] == found[1]
    assert set(found[0]) == {"received", "resolved", "pending", "flow"}


def test_rows_alike_have_one_number_and_the_first_of_them_is_found() -> None:
    frame = pd.DataFrame({"report": [5, 5, 9, 5, 9], "line": ["a", None, "a", "a", "b"]})
    numbers = group_numbers(frame, ["report", "line"])
    assert len(set(numbers)) == 4
    assert numbers[0] == numbers[3]
    assert find_first(numbers, numbers).tolist() == [0, 1, 2, 0, 4]
    assert find_first(np.array([3, 1]), among=np.array([1, 1])).tolist() == [-1, 0]
    many = pd.DataFrame({name: np.random.default_rng(1).permutation(500) for name in "abc"})
    assert group_numbers(many, list("abc")).max() < 8 * 500


def test_great_expectations_hashes_no_frame() -> None:
    assert validate.__module__ == "expectations.validate"
    assert pandas_execution_engine.HASH_THRESHOLD == 0
    source = Path(pandas_execution_engine.__file__).read_text("utf-8")
    assert "memory_usage().sum() < HASH_THRESHOLD" in source  # it still decides by this


def test_the_bench_runs() -> None:
    command = [sys.executable, "-m", "bench.check", "--sizes", "15x1", "--only", "pandas"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "| 450 rows |" in said
    assert "| plain pandas |" in said
