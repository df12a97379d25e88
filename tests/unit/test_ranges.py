"""Which ranges a town publishes by itself: by the calendar, and refused where town.yaml names another kind."""

import shutil
from pathlib import Path

import pytest

from etl.errors import ConfigError
from etl.periods import Calendar
from etl.publishing.ranges import KINDS, find_ranges_of
from etl.reference import read_reference
from etl.settings import CHECKOUT

CALENDAR = Calendar(14)


@pytest.mark.parametrize(
    ("kind", "month", "keys"),
    [
        ("quarter", 4, {"2022-Q2"}),
        ("quarter", 12, {"2022-Q4"}),
        ("half_year", 6, {"2022-H1"}),
        ("half_year", 7, {"2022-H2"}),
        ("year", 1, {"2022"}),
        ("to_date", 12, {"2022"}),
        ("to_date", 10, {"2022-01/2022-10", "2022-01/2022-11", "2022"}),
    ],
)
def test_finds_the_ranges_that_a_month_is_in(kind: str, month: int, keys: set[str]) -> None:
    found = find_ranges_of(CALENDAR.month(2022, month), [kind], CALENDAR)
    assert {one.key for one in found} == keys
    assert all(CALENDAR.month(2022, month) in CALENDAR.months_of(one) for one in found)


def test_a_range_of_one_month_is_none_and_the_same_range_is_one() -> None:
    found = find_ranges_of(CALENDAR.month(2022, 1), KINDS, CALENDAR)
    assert "2022-01" not in {one.key for one in found}
    assert sorted(one.key for one in found if "/" not in one.key) == ["2022", "2022-H1", "2022-Q1"]
    assert find_ranges_of(CALENDAR.month(2022, 1), [], CALENDAR) == set()


def test_town_yaml_says_which_and_no_others(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CHECKOUT / "reference" / "son-tay", tmp_path / "town"))
    words = (folder / "town.yaml").read_text("utf-8")
    assert read_reference(folder).town.publishes == ()
    for said, expected in (("[quarter, to_date]", ("quarter", "to_date")), ("", ())):
        (folder / "town.yaml").write_text(words.replace("publishes: []", f"publishes: {said}"), "utf-8")
        assert read_reference(folder).town.publishes == expected
    (folder / "town.yaml").write_text(words.replace("publishes: []", "publishes: [week]"), "utf-8")
    with pytest.raises(ConfigError, match="publishes must be of quarter, half_year, year, to_date; found week"):
        read_reference(folder)
