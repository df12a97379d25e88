"""Another town, another form, the same code: a folder of data is all it takes."""

import csv
from pathlib import Path

import pytest

from etl.check_files import check_files
from etl.model import Verdict
from etl.reference import read_reference
from etl.settings import Limits

HERE = Path(__file__).parent
SON_TAY = read_reference(HERE.parents[1] / "reference" / "son-tay")
FOIA = read_reference(HERE / "foia")

TABLE = """agency,fiscal year,Pending_Start,received,processed,pending_end
Department of Justice,2019,100,50,120,30
DOJ,2020,30,70,80,20
EPA,2019,10,5,15,1
EPA,2020,2,5,5,2
"""


def test_another_form_is_checked_by_its_own_balances(tmp_path: Path) -> None:
    path = tmp_path / "foia.csv"
    path.write_text(TABLE, "utf-8")
    (checked,) = check_files([path], FOIA, Limits())
    assert sorted((f.rule, f.unit, f.period, f.found, f.expected) for f in checked.findings) == [
        ("B.out", "EPA", "2019", "10", "11"),
        ("C.roll-forward", "EPA", "2020", "2", "1"),
    ]


PUBLISHED = list(csv.DictReader((HERE / "published_examples.csv").read_text("utf-8").splitlines()))
REFUSED = {
    "Sơn Tây: Bộ phận TN&TKQ các xã, phường (15 communes together)": {"B.resolved": "6993"},
    "Hà Nội: commune level, 126 communes": {"B.resolved": "510535", "B.flow": "531275"},
}


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["unit"][:20])
def test_figures_as_officials_published_them_are_judged_by_the_right_rule(row: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "published.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(row))
        writer.writeheader()
        writer.writerow(row)
    (checked,) = check_files([path], SON_TAY, Limits())
    errors = {f.rule: f.expected for f in checked.findings if f.severity == "error"}
    assert errors == REFUSED.get(row["unit"], {})
    assert (checked.verdict is Verdict.REJECTED) == (row["unit"] in REFUSED)


def test_the_whole_list_at_once_gives_the_same(tmp_path: Path) -> None:
    (checked,) = check_files([HERE / "published_examples.csv"], SON_TAY, Limits())
    errors = [(f.unit, f.rule) for f in checked.findings if f.severity == "error"]
    assert errors == [(unit, rule) for unit, rules in REFUSED.items() for rule in rules]
