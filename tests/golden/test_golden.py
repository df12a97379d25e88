"""Golden folders: `input.*` files and the verdict and findings they must get. Discovered, never vacuous."""

import json
from pathlib import Path

import pytest

from etl.check_files import check_files
from etl.reference import read_reference
from etl.rules import RULES, TOWN_RULES
from etl.settings import Limits

FOLDER = Path(__file__).parent
REFERENCE = read_reference(FOLDER.parents[1] / "reference" / "son-tay")
CASES = sorted(path.parent for path in FOLDER.glob("*/expected.json"))
# judged on the town, the clock and the period, or decided by an operator: not to be seen in a file
ELSEWHERE = {"C.group", "L.late", "L.missing", "V.corrected", *TOWN_RULES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_folder_gets_what_it_expects(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    inputs = sorted(path for path in case.iterdir() if path.name.startswith("input"))
    checked = check_files(inputs, REFERENCE, Limits())
    assert checked[-1].verdict == expected["verdict"]
    found = sorted((f.rule, f.cell or "") for file in checked for f in file.findings)
    assert found == sorted((f["rule"], f.get("cell") or "") for f in expected["findings"])


def test_every_rule_and_every_edition_has_a_golden_folder() -> None:
    wanted = {f"B.{balance.name}" for balance in REFERENCE.form.balances} | set(RULES) - ELSEWHERE - {"B.balance"}
    expected = [json.loads((case / "expected.json").read_text("utf-8")) for case in CASES]
    assert wanted == {finding["rule"] for one in expected for finding in one["findings"]}
    assert {edition.name for edition in REFERENCE.form.editions} <= {
        case.name.split("-")[1] for case in CASES if "-" in case.name
    }
