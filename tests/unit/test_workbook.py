"""The published files: what stands in them, that they are the same for the same content, and harmless."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from etl.phrases import percent
from etl.publishing.published_tables import compose_csv
from etl.publishing.workbook import compose_workbook
from etl.town_dataset import TownDataset
from tests.unit.town_example import REFERENCE, town, with_status

MOMENT = datetime(2022, 5, 18, 2, 0, tzinfo=UTC)
LATE = 3


def sheets(dataset: TownDataset, number: int = 1) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(compose_workbook(dataset, REFERENCE, number, MOMENT)))
    return {page.title: list(page.iter_rows(values_only=True)) for page in book}


def words(rows: list[tuple[Any, ...]]) -> str:
    return "\n".join(" | ".join(str(value) for value in row if value is not None) for row in rows)


def read_csv(dataset: TownDataset) -> list[dict[str, str]]:
    text = compose_csv(dataset, REFERENCE, 1, MOMENT).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_shows_wards_their_sum_the_desk_and_the_town_in_the_columns_of_the_form() -> None:
    rows = sheets(town())["Toàn thị xã"]
    start = next(i for i, row in enumerate(rows) if row[0] == "STT")
    assert rows[start + 1][:13] == tuple(f"({i})" for i in range(1, 14))
    assert [row[1:4] for row in rows[start + 2 : start + 7]] == [
        ("phường Lê Lợi", 100, 0),
        ("phường Phú Thịnh", 60, 0),
        ("Các phường, xã (2/2)", 160, 0),
        ("Bộ phận một cửa", 40, 0),
        ("Toàn thị xã (3/3)", 200, 0),
    ]
    assert rows[start + 6][13] == 98.5
    assert "Tháng 4/2022 (15/03/2022 – 14/04/2022)" in words(rows)


def test_says_loudly_who_is_missing() -> None:
    book = sheets(with_status(town(received=(100, None, None)), "269", "rejected"))
    for rows in book.values():
        assert "SỐ LIỆU CHƯA ĐẦY ĐỦ: chưa có báo cáo (1): phường Phú Thịnh; bị trả lại (1): Bộ phận một cửa" in words(
            rows
        )
    table = words(book["Toàn thị xã"])
    assert "Các phường, xã (1/2)" in table and "Toàn thị xã (1/3)" in table and "phường Phú Thịnh | chưa có" in table
    assert "CHƯA ĐẦY ĐỦ" not in words(sheets(town())["Toàn thị xã"])


def test_says_that_it_replaces_an_earlier_publication() -> None:
    assert "thay cho" not in words(sheets(town(), 1)["Toàn thị xã"])
    assert "Công bố lần 3, 18/05/2022 09:00; thay cho lần 2" in words(sheets(town(), 3)["Toàn thị xã"])


def test_shows_the_fields_and_who_reported() -> None:
    book = sheets(with_status(town(), "09577", "accepted with warnings", is_late=True))
    assert "Chứng thực | 195" in words(book["Theo lĩnh vực"]) and "Hộ tịch | 5" in words(book["Theo lĩnh vực"])
    assert "phường Phú Thịnh | tháng 4/2022 | đã nhận, có lưu ý | muộn | có" in words(book["Đơn vị báo cáo"])


def test_shows_a_coarser_measure_only_where_the_form_s_own_is_missing() -> None:
    dataset = town()
    frame = dataset.frame.copy()
    frame.loc[frame["unit_code"] == "09574", ["resolved_early", "resolved_on_time"]] = None
    heading = "Giải quyết trước hạn và đúng hạn"
    assert heading not in words(sheets(dataset)["Toàn thị xã"])
    assert heading in words(sheets(replace(dataset, frame=frame))["Toàn thị xã"])


def test_gives_the_same_bytes_for_the_same_content() -> None:
    assert compose_workbook(town(), REFERENCE, 1, MOMENT) == compose_workbook(town(), REFERENCE, 1, MOMENT)
    assert compose_csv(town(), REFERENCE, 1, MOMENT) == compose_csv(town(), REFERENCE, 1, MOMENT)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(A1)", "\t=1", "a\x00\x0bb\u202e"])
def test_makes_no_formula_of_a_name(name: str) -> None:
    dataset = town()
    dataset = replace(
        dataset,
        frame=dataset.frame.replace({"unit_name": {"phường Lê Lợi": name}}),
        coverage=with_status(dataset, "09574", "missing").coverage.replace({"unit_name": {"phường Lê Lợi": name}}),
    )
    book = load_workbook(io.BytesIO(compose_workbook(dataset, REFERENCE, 1, MOMENT)))
    assert not [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert not any(row["unit_name"].startswith(tuple("=+-@\t")) for row in read_csv(dataset))


def test_writes_csv_tidily() -> None:
    rows = read_csv(town(received=(100, None, 40)))
    by_scope = {(row["scope"], row["unit_code"], row["field"]): row for row in rows}
    missing = by_scope["ward", "09577", "all"]
    assert (missing["received_total"], missing["in_time_rate"], missing["is_partial"]) == ("", "", "true")
    whole = by_scope["town", "", "all"]
    assert (whole["received_total"], whole["in_time_rate"]) == ("140", "97.86")
    assert (whole["units_in"], whole["units_expected"], whole["period_start"]) == ("2", "3", "2022-03-15")


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(6957, 6975, "99.74"), (1, 8, "12.50"), (1, 1600, "0.06"), (12345, 100000, "12.35"), (0, 5, "0.00")],
)
def test_rounds_rates_half_up(part: int, whole: int, expected: str) -> None:
    assert percent(part, whole) == Decimal(expected)


def test_gives_no_rate_of_nothing_or_of_the_unknown() -> None:
    assert percent(0, 0) is None and percent(None, 5) is None and percent(3, None) is None
