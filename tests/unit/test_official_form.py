"""The official form with the town's figures: what an official sends up, and what our own parser reads from it."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.model import Report, Submission
from etl.parse import parse
from etl.publishing.official_form import compose_official_sheet, open_form_book
from etl.publishing.release import Release
from etl.publishing.workbook import compose_workbook
from etl.reference import Reference
from etl.town_dataset import Decision, TownDataset
from tests.unit.published_example import adjustments, four_months, release
from tests.unit.town_example import REFERENCE, figures, town, with_status

FORM = REFERENCE.form
PRINTED = FORM.edition("2020").measures


def page_of(some: Release) -> Worksheet:
    return open_form_book(some).worksheets[0]


def lines_of(some: Release) -> list[str]:
    return [" | ".join(str(cell) for cell in row if cell is not None) for row in page_of(some).values]


def row_of(some: Release, name: str) -> tuple[Any, ...]:
    return next(row for row in page_of(some).values if str(row[1]).startswith(name))


def read_back(some: Release, folder: Path, reference: Reference = REFERENCE) -> Report:
    """Give what our own parser reads from the first sheet, sent as a file."""
    book, path = open_form_book(some), folder / "bao-cao.xlsx"
    book.save(path)
    (report,) = parse(Submission("", path.name, 0, datetime.now(UTC), path), reference)
    return report


def in_english() -> Reference:
    return replace(REFERENCE, town=replace(REFERENCE.town, language="en"))


def by_system(*systems: str) -> TownDataset:
    """Give a town whose fields are reported under these source systems, 5 dossiers each."""
    dataset = town()
    fields = dataset.frame[dataset.frame["scope"].eq("town") & dataset.frame["field"].ne("all")]
    parts = [fields.assign(source_system=system, **figures(5)) for system in systems]
    return replace(dataset, frame=pd.concat([dataset.frame, *parts], ignore_index=True))


# ---------------------------------------------------------------------------------------------------------
# Above the table


def test_the_heading_block_says_form_state_and_who_reports_to_whom() -> None:
    lines = lines_of(release())
    assert lines[:4] == [
        "ỦY BAN NHÂN DÂN | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "THỊ XÃ SƠN TÂY | Độc lập - Tự do - Hạnh phúc",
        "Biểu số II.06a/VPCP/KSTT | Đơn vị báo cáo: UBND thị xã Sơn Tây",
        "(Thông tư 01/2020/TT-VPCP) | Đơn vị nhận báo cáo: " + "…" * 12,
    ]
    assert lines[5:8] == [
        "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
        "Tháng 4 năm 2022 (Từ ngày 15/3/2022 đến ngày 14/4/2022)",
        "Đơn vị tính: hồ sơ",
    ]


def test_several_months_are_named_with_their_days() -> None:
    assert "4 tháng đầu năm 2022 (Từ ngày 15/12/2021 đến ngày 14/4/2022)" in lines_of(release(four_months()))


def test_the_edition_in_force_at_the_period_s_end_is_printed() -> None:
    month = REFERENCE.town.calendar.month(2019, 4)
    old = replace(town(), period=month, periods=(month,))
    lines = lines_of(release(old))
    assert "Biểu số 06a/VPCP/KSTT | Đơn vị báo cáo: UBND thị xã Sơn Tây" in lines
    assert len(compose_official_sheet(release(old)).columns) == 11


def test_partial_figures_are_labelled_with_the_missing_units_named() -> None:
    some = release(with_status(town(received=(100, None, 40)), "09577", "rejected"))
    assert "SỐ LIỆU CHƯA ĐẦY ĐỦ: bị trả lại (1): phường Phú Thịnh" in lines_of(some)
    below = lines_of(some).index("CHƯA ĐẦY ĐỦ: tổng cộng chỉ có 2/3 đơn vị đủ báo cáo.")
    assert lines_of(some)[below + 1] == "– bị trả lại (1): phường Phú Thịnh."
    assert not [line for line in lines_of(release()) if "CHƯA ĐẦY ĐỦ" in line]


def in_some_months_only() -> TownDataset:
    """Give January to April without Phú Thịnh's February and March."""
    dataset = four_months(received=(100, None, 40))
    coverage = dataset.coverage.copy()
    coverage.loc[~coverage["period_key"].isin(["2022-02", "2022-03"]), "status"] = "accepted"
    return replace(dataset, coverage=coverage)


def test_a_unit_missing_in_some_months_is_named_with_them() -> None:
    lines = lines_of(release(in_some_months_only()))
    assert "SỐ LIỆU CHƯA ĐẦY ĐỦ: chưa có báo cáo (1): phường Phú Thịnh" in lines
    assert "– chưa có báo cáo (1): phường Phú Thịnh (tháng 2/2022, tháng 3/2022)." in lines


# ---------------------------------------------------------------------------------------------------------
# The table


def test_a_row_for_each_field_and_the_sum_in_the_columns_of_the_form() -> None:
    some = release()
    town_rows = town().frame[town().frame["scope"].eq("town")].set_index("field")
    for name, field in (("Chứng thực", "chung-thuc"), ("Hộ tịch", "ho-tich"), ("TỔNG CỘNG", "all")):
        assert list(row_of(some, name)[2:]) == [int(town_rows.loc[field, measure]) for measure in PRINTED]
    assert row_of(some, "(2)")[2] == "(3)=(4)+(5)+(6)"


def test_what_is_not_reported_is_blank_and_its_sum_is_told() -> None:
    dataset = town()
    frame = dataset.frame.copy()
    frame.loc[frame["scope"].eq("town"), ["resolved_early", "resolved_on_time"]] = None
    some = release(replace(dataset, frame=frame))
    assert row_of(some, "TỔNG CỘNG")[7:9] == (None, None)
    line = next(line for line in lines_of(some) if line.startswith("Ô trống"))
    assert "không phải 0" in line and "(8) + (9) = giải quyết trước hạn và đúng hạn: 197" in line


def test_sections_where_all_figures_name_their_source_system() -> None:
    lines = lines_of(release(by_system("city", "ministries")))
    sections = [line for line in lines if line.startswith(("I |", "II |"))]
    assert sections == ["I | Hệ thống các Bộ", "II | Hệ thống thành phố"]
    assert len([line for line in lines if "Hộ tịch" in line]) == 2


def test_no_sections_where_some_units_name_none() -> None:
    lines = lines_of(release(by_system("", "ministries", "city")))
    assert not [line for line in lines if line.startswith("I |")]
    assert len([line for line in lines if "Hộ tịch" in line]) == 1


# ---------------------------------------------------------------------------------------------------------
# Below the table


def test_the_adjustment_makes_the_stocks_follow_to_the_last_dossier() -> None:
    lines = lines_of(release(four_months()))
    assert (
        "Điều chỉnh: +3; (6) từ kỳ trước chuyển qua 5 + tiếp nhận trong kỳ 200 − (7) tổng số đã giải quyết 200"
        " + điều chỉnh (+3) = (11) tổng số đang giải quyết 8."
    ) in lines
    assert any(line.startswith("– phường Lê Lợi, tháng 3/2022: +3 (") for line in lines)
    assert not [line for line in lines_of(release()) if line.startswith("Điều chỉnh")]


def test_many_adjustments_are_listed_to_a_sum() -> None:
    amounts = [20 - at for at in range(13)]
    dataset = four_months()
    frame = dataset.frame.assign(adjustment=dataset.frame["adjustment"].mask(dataset.frame["adjustment"].eq(3), 182))
    some = release(replace(dataset, adjustments=adjustments(amounts), frame=frame))
    listed = [line for line in lines_of(some) if line.startswith("– ")]
    assert len(listed) == 11 and sum(amounts) == 182
    assert listed[-1] == f"– 3 khoản khác, cộng +{sum(amounts[10:])}: xem trang “Điều chỉnh”."


def test_an_adjustment_that_cannot_be_known_is_said_to_be_so() -> None:
    dataset = four_months()
    frame = dataset.frame.assign(adjustment=pd.array([None] * len(dataset.frame), dtype="Int64"))
    lines = lines_of(release(replace(dataset, frame=frame)))
    assert "Điều chỉnh: chưa xác định được, vì có số liệu chưa báo cáo; đã biết:" in lines


def test_says_which_publication_and_that_something_was_decided() -> None:
    decided = Decision("waiver", "09574", "phường Lê Lợi", "2022-04", None, "chấp nhận", "accepted")
    lines = lines_of(release(town(decisions=(decided,)), 2))
    assert "Công bố lần 2, 18/05/2022 09:00; thay cho lần 1." in lines
    assert any(line.startswith("Trong số liệu có 1 lỗi được chấp nhận") for line in lines)


def test_there_is_a_place_to_sign() -> None:
    assert [line for line in lines_of(release()) if line][-3:] == [
        "……………, ngày …… tháng …… năm ………",
        "NGƯỜI LẬP BIỂU | THỦ TRƯỞNG ĐƠN VỊ",
        "(Ký, họ tên) | (Ký, đóng dấu)",
    ]


def test_it_is_ready_to_print() -> None:
    book = load_workbook(io.BytesIO(compose_workbook(release(four_months()))))
    page = book.worksheets[0]
    assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
    assert (page.sheet_properties.pageSetUpPr.fitToPage, page.page_setup.fitToWidth) == (True, 1)
    assert int(page.page_setup.fitToHeight) == 0
    top = next(cell.row for cell in page["A"] if cell.value == "STT")
    assert page.print_title_rows == f"${top}:${top + 3}"
    assert page.print_area == f"'Biểu tổng hợp'!$A$1:$M${page.max_row}"


def test_merged_ranges_never_overlap() -> None:
    merges = compose_official_sheet(release(four_months(received=(100, None, 40)))).merges
    cells = [
        (row, column)
        for top, left, bottom, right in merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    ]
    assert len(cells) == len(set(cells))


def test_in_english_only_the_form_s_own_headings_stay() -> None:
    lines = lines_of(replace(release(four_months(received=(100, None, 40))), reference=in_english()))
    assert lines[0] == "Biểu số II.06a/VPCP/KSTT | Reporting unit: Sơn Tây town"
    assert "January 2022 to April 2022 (15/12/2021 – 14/04/2022)" in lines
    assert any(line.startswith("PARTIAL FIGURES: no report (1): phường Phú Thịnh") for line in lines)
    assert "PREPARED BY | HEAD OF THE UNIT" in lines and any(line.startswith("Adjustment: +3; ") for line in lines)


# ---------------------------------------------------------------------------------------------------------
# Read back


@pytest.mark.parametrize(
    "dataset",
    [
        town(),
        with_status(town(received=(100, None, 40)), "09577", "rejected"),
        four_months(),
        by_system("ministries", "city"),
    ],
    ids=["whole", "partial", "range with adjustments", "by source system"],
)
def test_our_own_parser_reads_the_same_figures(dataset: TownDataset, tmp_path: Path) -> None:
    report = read_back(release(dataset), tmp_path)
    systems = set(dataset.frame["source_system"]) - {"all"}
    own = dataset.frame[dataset.frame["scope"].eq("town") & dataset.frame["field"].ne("all")]
    own = own[own["source_system"].isin(systems or {"all"})].replace({"source_system": {"all": ""}})
    key, measures = ["source_system", "field"], list(PRINTED)
    read = report.frame[report.frame["kind"].eq("field")].set_index(key)[measures].sort_index()
    assert len(read) == len(own)
    pd.testing.assert_frame_equal(read, own.set_index(key)[measures].sort_index(), check_index_type=False)
    total = report.frame.loc[report.frame["kind"].eq("total"), measures].iloc[0]
    whole = dataset.frame[dataset.frame["scope"].eq("town") & dataset.frame["field"].eq("all")].iloc[0]
    assert total.tolist() == whole[measures].tolist()


@pytest.mark.parametrize(
    "dataset",
    [with_status(town(received=(100, None, 40)), "09577", "rejected"), in_some_months_only()],
    ids=["one month", "four months"],
)
def test_our_own_parser_takes_it_for_the_town_s_and_for_no_ward_s(dataset: TownDataset, tmp_path: Path) -> None:
    report = read_back(release(dataset), tmp_path)
    assert report.unit is None and report.unit_text == "UBND thị xã Sơn Tây"
    assert report.period == dataset.period and report.edition == "2020"
    assert {finding.rule for finding in report.findings} == {"S.unit-unknown"}


def test_a_form_in_another_workbook_is_the_first_sheet() -> None:
    book = load_workbook(io.BytesIO(compose_workbook(release())))
    assert isinstance(book, Workbook)
    assert book.sheetnames == ["Biểu tổng hợp", "Toàn thị xã", "Theo lĩnh vực", "Đơn vị báo cáo"]
