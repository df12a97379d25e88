"""The samples from May 2022 on: balances, stocks that are handed on through both reforms, tables that are accepted."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest

from etl.check_files import CheckedFile, check_files
from etl.forms import constraints
from etl.model import Finding, Unit
from etl.periods import Period
from etl.reference import Reference, read_reference
from etl.settings import Limits
from samples.figures import DESK, Figures, build_figures, sum_of
from samples.make import HERE
from samples.year_figures import FOUND, LAST, LAST_OF_TWO_SYSTEMS, UNSENT, build_years, compose_tables

Line = tuple[object, object]
FIRST_OF_ALL = (2022, 1)
MERGED = ("09574", "09580", "09583")
CENTRE = ("09574", "09577", "09595", "09592", "09601", "09586", "09604", "09589", "09607", "09598")
EDGE = ("09610", "09613", "09616")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference(HERE.parent / "reference" / "son-tay")


@pytest.fixture(scope="module")
def months() -> Figures:
    return build_figures()


@pytest.fixture(scope="module")
def years(reference: Reference, months: Figures) -> Figures:
    return build_years(reference, months)


@pytest.fixture(scope="module")
def figures(months: Figures, years: Figures) -> Figures:
    """Give all there is, from January 2022 on."""
    return {**months, **years}


@pytest.fixture(scope="module")
def checked(reference: Reference) -> tuple[CheckedFile, ...]:
    return check_files(sorted((HERE / "years").glob("*.csv")), reference, Limits())


def periods_of(reference: Reference) -> tuple[Period, ...]:
    calendar = reference.town.calendar
    return calendar.months_of(calendar.months(FIRST_OF_ALL, LAST))


def stocks(figures: Figures, units: Iterator[str] | tuple[str, ...], month: str, measure: str) -> dict[Line, int]:
    """Add up what units hold, line by line; a line that holds nothing is left out."""
    held: dict[Line, int] = {}
    for row in (row for unit in units for row in figures[unit, month]):
        line = row["source_system"], row["field"]
        held[line] = held.get(line, 0) + sum_of([row], measure)
    return {line: count for line, count in held.items() if count}


def total(held: dict[Line, int]) -> int:
    return sum(held.values())


def test_the_same_bytes_come_again(reference: Reference, months: Figures, years: Figures) -> None:
    tables = compose_tables(years, reference)
    assert compose_tables(build_years(reference, months), reference) == tables
    assert sorted(tables) == [PurePosixPath(f"years/{year}.csv") for year in range(2022, 2027)]
    assert sum(map(len, tables.values())) < 400_000


def test_each_unit_reports_each_month_but_one(reference: Reference, figures: Figures) -> None:
    owed = {(u.code, period.key) for period in periods_of(reference) for u in reference.expected_units(period)}
    assert figures.keys() == owed
    counts = {key: sum(month == key for _, month in owed) for key in ("2024-12", "2025-01", "2025-06", "2025-07")}
    assert counts == {"2024-12": 16, "2025-01": 14, "2025-06": 14, "2025-07": 3}
    sent = {tuple(line.split(",")[:2]) for year in (HERE / "years").glob("*.csv") for line in lines_of(year)}
    assert {key for key in owed if key[1] > "2022-04"} - sent == {UNSENT}


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()[1:]


def test_every_balance_holds_in_every_row(years: Figures, reference: Reference) -> None:
    form = reference.form
    equations = constraints(form.balances, frozenset(form.measure_names))
    rows = [row for report in years.values() for row in report]
    for row in rows:
        assert all(int(str(row[measure])) >= 0 for measure in form.measure_names)
        assert all(sum(c * int(str(row[m])) for m, c in e.coefficients) == 0 for e in equations), row
    assert len(rows) > 6000


def test_figures_are_of_a_real_size(years: Figures) -> None:
    """Many nothings and small numbers, few large ones; the town receives about as much each month."""
    counts = [int(str(row["received_in_period"])) for report in years.values() for row in report]
    assert 0.2 < sum(count == 0 for count in counts) / len(counts) < 0.6
    assert 0.5 < sum(count < 10 for count in counts) / len(counts) < 0.9
    monthly: dict[str, int] = {}
    for (_, month), rows in years.items():
        monthly[month] = monthly.get(month, 0) + sum_of(rows, "received_in_period")
    assert min(monthly.values()) > 1000 and max(monthly.values()) < 3000


def test_every_unit_continues_itself_but_for_what_was_found(figures: Figures, reference: Reference) -> None:
    breaks: set[tuple[str, str, object, int]] = set()
    compared = 0
    for earlier, later in pairwise(periods_of(reference)):
        for unit in continuing(reference, earlier, later):
            if (unit.code, earlier.key) == ("09586", LAST_OF_TWO_SYSTEMS):
                assert not stocks(figures, (unit.code,), earlier.key, "pending_total")
                continue
            held = stocks(figures, (unit.code,), earlier.key, "pending_total")
            opened = stocks(figures, (unit.code,), later.key, "carried_over")
            gaps = {line: opened.get(line, 0) - held.get(line, 0) for line in held | opened}
            breaks |= {(unit.code, later.key, line[1], gap) for line, gap in gaps.items() if gap}
            compared += 1
    assert breaks == {FOUND}
    assert compared > 600


def continuing(reference: Reference, earlier: Period, later: Period) -> set[Unit]:
    return set(reference.expected_units(earlier)) & set(reference.expected_units(later))


def test_the_merger_of_2025_hands_on_every_dossier(figures: Figures) -> None:
    held = stocks(figures, MERGED, "2024-12", "pending_total")
    assert stocks(figures, ("09574",), "2025-01", "carried_over") == held
    assert total(held) > 3


def test_the_split_of_2025_hands_on_every_dossier_within_the_group(figures: Figures) -> None:
    held = stocks(figures, CENTRE, "2025-06", "pending_total")
    opened = [stocks(figures, (code,), "2025-07", "carried_over") for code in ("09574", "09604")]
    assert stocks(figures, ("09574", "09604"), "2025-07", "carried_over") == held
    whole = stocks(figures, ("09574", "09577", "09595", "09592"), "2025-06", "pending_total")
    assert total(whole) < total(opened[0]) < total(held)


def test_a_part_of_one_ward_leaves_the_town(figures: Figures) -> None:
    held = stocks(figures, EDGE, "2025-06", "pending_total")
    opened = stocks(figures, ("09616",), "2025-07", "carried_over")
    stayed = stocks(figures, EDGE[:2], "2025-06", "pending_total")
    assert total(stayed) <= total(opened) < total(held)
    assert all(stayed.get(line, 0) <= count <= held[line] for line, count in opened.items())


def test_the_stock_of_the_desk_leaves_with_it(figures: Figures) -> None:
    held = total(stocks(figures, (*CENTRE, *EDGE, DESK), "2025-06", "pending_total"))
    opened = total(stocks(figures, ("09574", "09604", "09616"), "2025-07", "carried_over"))
    of_the_desk = total(stocks(figures, (DESK,), "2025-06", "pending_total"))
    of_the_edge = total(stocks(figures, EDGE, "2025-06", "pending_total"))
    outside = of_the_edge - total(stocks(figures, ("09616",), "2025-07", "carried_over"))
    assert of_the_desk > 10
    assert held - opened == of_the_desk + outside


def findings_of(checked: tuple[CheckedFile, ...]) -> list[Finding]:
    return [finding for file in checked for finding in file.findings]


def is_successors_first(finding: Finding) -> bool:
    """Tell whether it is about the first month of a unit under a code that another unit had the month before."""
    return (finding.unit, finding.period) in {("09574", "2025-01")} | {
        (code, "2025-07") for code in ("09574", "09604", "09616")
    }


def test_the_tables_are_accepted_with_the_one_warning(checked: tuple[CheckedFile, ...]) -> None:
    assert len(checked) == 5 and not any(str(file.verdict) == "rejected" for file in checked)
    told = [
        (f.rule, f.unit, f.period, f.field, f.found, f.expected)
        for f in findings_of(checked)
        if not is_successors_first(f)
    ]
    unit, month, field, count = FOUND
    assert told == [("C.roll-forward", unit, month, field, str(count), "0")]


def test_successors_are_not_held_against_the_unit_that_had_their_code(checked: tuple[CheckedFile, ...]) -> None:
    assert not [finding for finding in findings_of(checked) if is_successors_first(finding)]
