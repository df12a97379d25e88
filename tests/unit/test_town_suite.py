"""The town's suite: a dataset that does not add up is not published."""

from pathlib import Path

import pandas as pd
import pytest

from etl.check_town import find_missing
from etl.periods import parse_period
from etl.reference import read_reference
from expectations.town_dataset import build_town_suite
from expectations.validate import validate

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
FORM = REFERENCE.form
MEASURES = FORM.measure_names


def dataset(**changed: int) -> pd.DataFrame:
    """Two wards of 1 and 2, a desk of 4, everywhere; and what was changed."""
    counts = {"ward A": 1, "ward B": 2, "ward 269": 4, "wards": 3, "desk": 4, "town": 7} | changed
    rows = [
        {"scope": name.split()[0], "unit_code": name.partition(" ")[2], "unit_name": "", "is_partial": False}
        | {"field": "all", "source_system": "all"}
        | dict.fromkeys(MEASURES, count)
        for name, count in counts.items()
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(MEASURES, "Int64"))


def test_a_dataset_that_adds_up_passes() -> None:
    assert validate(dataset(), build_town_suite(FORM)) == {}


@pytest.mark.parametrize("changed", [{"town": 8}, {"wards": 4}, {"desk": 5}, {"ward A": 2}])
def test_a_sum_that_is_not_the_sum_of_its_units_stops_publication(changed: dict[str, int]) -> None:
    ((_, breaches),) = validate(dataset(**changed), build_town_suite(FORM)).values()
    assert any("received_total" in breach for breach in breaches)


def test_a_line_that_stands_twice_stops_publication() -> None:
    doubled = pd.concat([dataset(), dataset()[:1]], ignore_index=True)
    ((_, breaches),) = validate(doubled, build_town_suite(FORM)).values()
    assert breaches == ["ward A all all: twice"]


def test_a_unit_without_a_report_is_missing() -> None:
    april = parse_period("2026-04", REFERENCE.town.calendar)
    assert april
    units = [{"unit_code": "09574", "unit_name": "Sơn Tây", "expected": True, "status": "missing"}]
    coverage = pd.DataFrame([*units, units[0] | {"status": "accepted"}, units[0] | {"expected": False}])
    (finding,) = find_missing(coverage, april, REFERENCE)
    assert (finding.rule, finding.unit, finding.period) == ("L.missing", "09574", "2026-04")
    assert finding.message_en == "No report has arrived from Sơn Tây; it was due 17:00 17/04/2026."
