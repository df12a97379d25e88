"""The tidy files: what stands in them, that their description holds, and that damage is found by it."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from frictionless import Package

from etl.publishing.data_package import DESCRIPTOR, compose_package
from etl.publishing.json_file import compose_json
from etl.publishing.parquet_file import compose_parquet
from etl.publishing.release import Release
from etl.publishing.tidy_tables import CHANGE_KINDS, build_tables
from tests.unit.published_example import ADJUSTMENT, MOMENT, four_months, release, some_changes
from tests.unit.town_example import REFERENCE, town, with_status

PARTIAL = with_status(town(received=(100, None, 40)), "09577", "rejected")
RELEASES = {
    "whole": release(),
    "partial": release(PARTIAL, 2),
    "range with adjustments": release(four_months(), 3),
    "with changes": release(number=2, changes=some_changes()),
    "not published": release(number=0),
}


def write_package(some: Release, folder: Path) -> Path:
    for name, content in compose_package(some).items():
        (folder / name).write_bytes(content)
    return folder / DESCRIPTOR


def descriptor(some: Release) -> dict:
    return json.loads(compose_package(some)[DESCRIPTOR])


def rows_of(some: Release, file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(compose_package(some)[file].decode("utf-8-sig"))))


def errors_of(path: Path) -> set[str]:
    report = Package(str(path)).validate()
    return {error.type for task in report.tasks for error in task.errors} | {error.type for error in report.errors}


@pytest.mark.parametrize("name", RELEASES)
def test_frictionless_finds_it_valid(name: str, tmp_path: Path) -> None:
    package = Package(str(write_package(RELEASES[name], tmp_path)))
    report = package.validate()
    assert report.valid, report.flatten(["type", "note"])
    read = {resource.name: len(resource.read_rows()) for resource in package.resources}
    assert read == {table.name: len(table.rows) for table in build_tables(RELEASES[name])}
    assert read["figures"] == len(RELEASES[name].dataset.frame)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (b",195,", b",-195,", "constraint-error"),
        (b",195,", b",many,", "type-error"),
        (b",town,", b",city,", "constraint-error"),
        (b",units_in,", b",units,", "incorrect-label"),
        (b",195,", b",196,", "hash-count"),
        (b"\r\n", b"\r\n\r\n", "blank-row"),
    ],
)
def test_damage_is_found(old: bytes, new: bytes, found: str, tmp_path: Path) -> None:
    path = write_package(release(), tmp_path)
    file = tmp_path / "town-2022-04.csv"
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))
    assert found in errors_of(path)


def test_a_row_twice_is_found(tmp_path: Path) -> None:
    path = write_package(release(), tmp_path)
    file = tmp_path / "town-2022-04.csv"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines, lines[-1]]))
    assert {"primary-key", "byte-count"} <= errors_of(path)


def test_a_spreadsheet_knows_that_it_is_utf_8() -> None:
    files = compose_package(release())
    assert all(content.startswith(b"\xef\xbb\xbf") for name, content in files.items() if name != DESCRIPTOR)


def test_files_are_named_by_the_period() -> None:
    key = "2022-01_2022-04"
    names = [f"{table}-{key}.csv" for table in ("town", "coverage", "adjustments", "changes")]
    assert list(compose_package(release(four_months()))) == [*names, DESCRIPTOR]
    assert descriptor(release(four_months()))["name"] == "town-2022-01_2022-04"


def test_says_what_it_is_of() -> None:
    said = descriptor(release(number=2))
    assert (said["version"], said["created"]) == ("2", "2022-05-18T09:00:00+07:00")
    assert said["period"] == {"key": "2022-04", "start": "2022-03-15", "end": "2022-04-14", "months": ["2022-04"]}
    assert said["sources"][0]["title"] == "phường Lê Lợi, 2022-04: " + "09574" * 8
    assert "PARTIAL" not in said["description"] and said["is_partial"] is False


def test_says_loudly_who_is_missing() -> None:
    said = descriptor(release(PARTIAL))
    assert "PARTIAL, without: phường Phú Thịnh." in said["description"]
    assert "CHƯA ĐẦY ĐỦ, thiếu: phường Phú Thịnh." in said["description"]
    assert said["is_partial"] is True and len(said["sources"]) == 2


def test_measures_are_described_as_the_form_declares_them() -> None:
    fields = {field["name"]: field for field in descriptor(release())["resources"][0]["schema"]["fields"]}
    for measure in REFERENCE.form.measures:
        assert fields[measure.name]["description"] == f"{measure.label_vi} / {measure.label_en}"
        assert fields[measure.name]["constraints"] == {"minimum": 0}


def test_tells_units_that_are_in_late_and_missing_apart() -> None:
    (town_row,) = [
        r for r in rows_of(release(PARTIAL), "town-2022-04.csv") if (r["scope"], r["field"]) == ("town", "all")
    ]
    assert [town_row[f"units_{name}"] for name in ("expected", "in", "missing", "late")] == ["3", "2", "1", "0"]
    assert town_row["is_partial"] == "true"


def test_lists_adjustments_that_add_up() -> None:
    some = release(four_months())
    rows = rows_of(some, "adjustments-2022-01_2022-04.csv")
    whole = [row for row in rows if row["field"] == row["source_system"] == "all"]
    (town_row,) = [r for r in rows_of(some, "town-2022-01_2022-04.csv") if (r["scope"], r["field"]) == ("town", "all")]
    assert sum(int(row["amount"]) for row in whole) == int(town_row["adjustment"]) == ADJUSTMENT
    opening, received, resolved, closing = (
        int(town_row[name]) for name in ("carried_over", "received_in_period", "resolved_total", "pending_total")
    )
    assert opening + received - resolved + ADJUSTMENT == closing


def test_lists_changes() -> None:
    rows = rows_of(RELEASES["with changes"], "changes-2022-04.csv")
    assert [(row["kind"], row["measure"], row["before"], row["after"], row["difference"]) for row in rows] == [
        ("figure", "resolved_total", "1180", "1200", "20"),
        ("figure", "received_total", "", "100", ""),
        ("replaced", "", "", "", ""),
    ]
    assert (rows[2]["who"], rows[2]["at"]) == ("09574@phuong.sontay.example", "2022-05-18T09:00:00+07:00")
    assert {row["kind"] for row in rows} <= set(CHANGE_KINDS)


def test_makes_no_formula_of_a_text() -> None:
    hostile = '=HYPERLINK("http://x","y")'
    dataset = replace(town(), frame=town().frame.replace({"unit_name": {"phường Lê Lợi": hostile}}))
    files = compose_package(release(dataset, changes=some_changes(who="@SUM(A1)")))
    cells = [
        cell
        for name, content in files.items()
        if name != DESCRIPTOR
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))
        for cell in row
    ]
    assert f"'{hostile}" in cells and "'@SUM(A1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_gives_the_same_bytes_for_the_same_release() -> None:
    for compose in (compose_package, compose_parquet, compose_json):
        assert compose(release()) == compose(release())


# ---------------------------------------------------------------------------------------------------------
# Parquet and JSON


def test_parquet_holds_the_figures_and_says_what_they_are_of() -> None:
    table = pq.read_table(io.BytesIO(compose_parquet(release(PARTIAL, 2))))
    said = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert table.to_pandas()["received_total"].tolist() == PARTIAL.frame["received_total"].tolist()
    assert (said["period"], said["number"], said["is_partial"]) == ("2022-04", "2", "true")
    assert said["published_at"] == "2022-05-18T09:00:00+07:00"
    assert [one["unit_code"] for one in json.loads(said["units_missing"])] == ["09577"]


def test_json_says_all_that_is_published() -> None:
    said = json.loads(compose_json(release(four_months(), 2, changes=some_changes(), months=town().frame)))
    assert (said["period"], said["publication"], len(said["periods"])) == ("2022-01/2022-04", 2, 4)
    assert [row["received_total"] for row in said["figures"] if row["scope"] == "town"][-1] == 205
    assert [row["amount"] for row in said["adjustments"] if row["field"] == "all"] == [ADJUSTMENT]
    assert said["changes"]["figures"][0]["by"] == 20 and said["changes"]["figures"][1]["before"] is None
    assert len(said["coverage"]) == 12 and len(said["months"]) == len(town().frame)
    assert json.loads(compose_json(release()))["changes"] is None
    assert MOMENT.isoformat()[:10] in said["published_at"]
