"""The published files: what stands in them, that they are the same for the same content, and harmless."""

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from etl.phrases import percent
from etl.publishing.release import Release
from etl.publishing.tidy_figures import compose_csv
from etl.publishing.workbook import compose_workbook
from etl.town_dataset import TownDataset
from tests.unit.published_example import MOMENT, adjustments, four_months, release, some_changes
from tests.unit.town_example import REFERENCE, town, with_status


def pages(some: Release) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(compose_workbook(some)))
    return {page.title: list(page.iter_rows(values_only=True)) for page in book}


def sheets(dataset: TownDataset, number: int = 1) -> dict[str, list[tuple[Any, ...]]]:
    return pages(release(dataset, number))


def words(rows: list[tuple[Any, ...]]) -> str:
    return "\n".join(" | ".join(str(value) for value in row if value is not None) for row in rows)


def read_csv(dataset: TownDataset) -> list[dict[str, str]]:
    text = compose_csv(Release(dataset, REFERENCE, 1, MOMENT)).decode("utf-8-sig")
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


def test_counts_and_names_who_was_late_sent_back_or_closed() -> None:
    dataset = with_status(with_status(town(), "09577", "accepted", is_late=True), "269", "rejected")
    coverage = dataset.coverage.assign(is_closed=dataset.coverage["unit_code"].eq("09574"))
    frame = dataset.frame.assign(units_rejected=1, units_late=2, units_closed=4)
    text = words(sheets(replace(dataset, coverage=coverage, frame=frame))["Đơn vị báo cáo"])
    assert "phải báo cáo 3 · đủ báo cáo 3 · bị trả lại 1 · chưa có báo cáo 0 · nộp muộn 2" in text
    assert "Bị trả lại: Bộ phận một cửa." in text and "Nộp muộn: phường Phú Thịnh." in text
    assert "Kết thúc hoạt động trong kỳ: phường Lê Lợi." in text


def test_says_that_a_newer_file_does_not_count() -> None:
    coverage = town().coverage
    newer = {"name": "=sửa.xlsx", "received_at": "2022-04-17T02:00:00+00:00", "why": "waits"}
    text = words(sheets(town(coverage=coverage.assign(newer=[newer, None, None])))["Đơn vị báo cáo"])
    assert "phường Lê Lợi | tháng 4/2022 | đã nhận | đúng hạn | có | bản sửa chờ duyệt: =sửa.xlsx" in text


def test_names_the_months_in_which_a_unit_was_not_simply_in() -> None:
    dataset = four_months()
    coverage = dataset.coverage.copy()
    coverage.loc[coverage["unit_code"].eq("09577") & coverage["period_key"].eq("2022-02"), "is_late"] = True
    text = words(sheets(replace(dataset, coverage=coverage))["Toàn thị xã"])
    assert "đã nhận, nộp muộn (tháng 2/2022)" in text


def test_adjustments_have_a_column_and_a_sheet_only_where_there_are_any() -> None:
    plain, adjusted = sheets(town()), sheets(four_months())
    assert "Điều chỉnh" not in plain and "Điều chỉnh" not in words(plain["Toàn thị xã"])
    head = next(row for row in adjusted["Toàn thị xã"] if row[0] == "STT")
    total = next(row for row in adjusted["Toàn thị xã"] if str(row[1]).startswith("Toàn thị xã"))
    assert total[head.index("Điều chỉnh")] == 3
    text = words(adjusted["Điều chỉnh"])
    assert "1 | 09574 | phường Lê Lợi | tháng 3/2022 | Tổng cộng | 3 | " in text
    assert "Cộng, toàn thị xã | 3" in text and "tháng 3/2022 | Chứng thực | 3" in text


def test_the_adjustments_on_their_sheet_add_up() -> None:
    rows = sheets(replace(four_months(), adjustments=adjustments([20, -4, 7])))["Điều chỉnh"]
    assert next(row for row in rows if row[2] == "Cộng, toàn thị xã")[5] == 23


def test_says_who_changed_what_since_the_publication_before() -> None:
    assert "Thay đổi" not in sheets(town())
    text = words(pages(release(number=2, changes=some_changes()))["Thay đổi"])
    assert "thay đổi so với lần công bố 1 (18/05/2022 09:00)" in text
    assert "phường Lê Lợi | tháng 4/2022 | thay báo cáo | thay báo cáo trước | 09574@phuong.sontay.example" in text
    assert "Toàn thị xã | Tổng cộng | Tất cả | Tổng số đã giải quyết | 1180 | 1200 | 20" in text
    assert "phường Lê Lợi | Tổng cộng | Tất cả | Tổng số tiếp nhận | 100" in text


def test_groups_take_the_place_of_wards_where_figures_are_recast() -> None:
    dataset = town(received=(100, None, 40))
    frame = dataset.frame.copy()
    wards = frame["scope"].eq("ward")
    frame.loc[wards, ["scope", "unit_name"]] = "group"
    frame.loc[wards, "unit_name"] = ["phường Lê Lợi + phường Phú Thịnh", "xã Cổ Đông", "Bộ phận một cửa"]
    text = words(sheets(replace(dataset, frame=frame))["Toàn thị xã"])
    assert "1 | phường Lê Lợi + phường Phú Thịnh | 100" in text
    assert "2 | xã Cổ Đông | CHƯA ĐẦY ĐỦ" in text


def test_other_source_systems_never_enter_a_sheet() -> None:
    dataset = town()
    more = dataset.frame.assign(source_system="city", received_total=999_999)
    assert (
        sheets(replace(dataset, frame=pd.concat([dataset.frame, more], ignore_index=True)))["Toàn thị xã"]
        == (sheets(dataset)["Toàn thị xã"])
    )


def test_a_dataset_of_which_nothing_more_is_known_gives_the_same() -> None:
    assert compose_workbook(Release(town(), REFERENCE, 1, MOMENT)) == compose_workbook(release())


def test_shows_a_coarser_measure_only_where_the_form_s_own_is_missing() -> None:
    dataset = town()
    frame = dataset.frame.copy()
    frame.loc[frame["unit_code"] == "09574", ["resolved_early", "resolved_on_time"]] = None
    heading = "Giải quyết trước hạn và đúng hạn"
    assert heading not in words(sheets(dataset)["Toàn thị xã"])
    assert heading in words(sheets(replace(dataset, frame=frame))["Toàn thị xã"])


def test_gives_the_same_bytes_for_the_same_content() -> None:
    assert compose_workbook(Release(town(), REFERENCE, 1, MOMENT)) == compose_workbook(
        Release(town(), REFERENCE, 1, MOMENT)
    )
    assert compose_csv(Release(town(), REFERENCE, 1, MOMENT)) == compose_csv(Release(town(), REFERENCE, 1, MOMENT))


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(A1)", "\t=1", "a\x00\x0bb\u202e"])
def test_makes_no_formula_of_a_name(name: str) -> None:
    dataset = town()
    dataset = replace(
        dataset,
        frame=dataset.frame.replace({"unit_name": {"phường Lê Lợi": name}}),
        coverage=with_status(dataset, "09574", "missing").coverage.replace({"unit_name": {"phường Lê Lợi": name}}),
    )
    book = load_workbook(io.BytesIO(compose_workbook(Release(dataset, REFERENCE, 1, MOMENT))))
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
