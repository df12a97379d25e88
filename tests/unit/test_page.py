"""The leader's page and its charts: what stands in them, that nothing runs or is fetched, and the same bytes twice."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from etl.model import Finding, Language, Severity
from etl.publishing.changes import Changes, FigureChange, ReportChange
from etl.publishing.month_chart import draw_months, read_months
from etl.publishing.narrative import compose_narrative
from etl.publishing.page import build_page
from etl.publishing.page_html import compose_page_html
from etl.publishing.page_pdf import compose_page_pdf
from etl.publishing.release import Release
from etl.publishing.ward_chart import draw_wards, read_bars
from etl.reference import read_reference
from etl.review import compose_review
from etl.town_dataset import TownDataset
from tests.unit.release_example import FOUR_MONTHS, adjusted, months, of_another_form, over, release, with_figures
from tests.unit.town_example import figures, town, with_status

VI, EN = Language.VI, Language.EN
HOSTILE = '#read("/etc/passwd") <script>alert(1)</script> $x^2$ --> [*a*] \\ @b "漢" '


def warning(number: int = 1, **changes: str) -> Finding:
    facts = {
        "unit": "09574",
        "period": "2022-04",
        "field": "ho-tich",
        "cell": f"C{number}",
        "found": "5",
        "expected": "9",
    }
    return Finding("C", "C.roll-forward", Severity.WARNING, f"lệch số {number}", f"gap no. {number}", **facts | changes)


def restated() -> Release:
    """Give a release with something in every part of the page."""
    dataset = with_status(town(received=(100, None, 40)), "09577", "rejected")
    changes = Changes(
        1,
        datetime(2022, 4, 20, tzinfo=UTC),
        (FigureChange("town", "", "", "all", "all", "received_total", 133, 140),),
        (ReportChange("09574", "phường Lê Lợi", "2022-04", "replaced", "x", None, "báo cáo thay thế", "replaced"),),
    )
    error = Finding("B", "B.resolved", Severity.ERROR, "sai tổng", "wrong total", unit="09577", period="2022-04")
    findings = (
        error,
        *(warning(number, period=f"2021-{number:02}") for number in range(1, 12)),
        warning(12, period="2021-01"),
    )
    return release(
        adjusted(dataset, ("phường Lê Lợi", 4, "break")),
        number=2, changes=changes, findings=findings, review=compose_review(findings),
    )  # fmt: skip


def named(name: str) -> TownDataset:
    """Give the town with another name for its first ward."""
    dataset, names = town(received=(100, None, 40)), {"phường Lê Lợi": name, "phường Phú Thịnh": name + "2"}
    frame, coverage = (table.replace({"unit_name": names}) for table in (dataset.frame, dataset.coverage))
    return replace(dataset, frame=frame, coverage=coverage)


class Outline(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def pdf_text(pdf: bytes, folder: Path) -> str:
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-layout", str(path), "-"]
    return " ".join(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode().split())


# Charts


def test_draws_wards_by_size_then_who_is_absent_then_the_desk() -> None:
    bars = read_bars(release(town(received=(60, 100, 40))), VI)
    assert [(bar.name, bar.total) for bar in bars] == [
        ("phường Phú Thịnh", 100), ("phường Lê Lợi", 60), ("Bộ phận một cửa", 40),
    ]  # fmt: skip
    absent = read_bars(release(town(received=(None, 100, 40))), VI)
    assert [bar.name for bar in absent] == ["phường Phú Thịnh", "phường Lê Lợi", "Bộ phận một cửa"]
    assert (absent[1].segments, absent[1].remark) == ((), "chưa có báo cáo")
    chart = draw_wards(release(town(received=(None, 100, 40))), VI)
    assert chart is not None and "phường Lê Lợi (chưa có báo cáo)" in chart.alt


def test_shows_what_was_resolved_with_no_word_on_time_apart() -> None:
    dataset = with_figures(town(), "ward", {"resolved_in_time": None, "resolved_overdue": None})
    (colour, count), *_ = next(bar for bar in read_bars(release(dataset), VI) if bar.name == "phường Lê Lợi").segments
    whole = {colour for bar in read_bars(release(), VI) for colour, _ in bar.segments}
    assert count == 100 and colour not in whole


def test_marks_months_that_are_partial() -> None:
    of = release(months=months(4, partial=(2,)))
    assert [month.units for month in read_months(of)] == ["", "", "15/16", ""]
    chart = draw_months(of, EN)
    assert chart is not None and "March 2020: received 102, resolved 102, pending 0 (15/16)" in chart.alt


@pytest.mark.parametrize("count", [1, 4, 13, 24, 60])
def test_draws_any_number_of_months(count: int) -> None:
    chart = draw_months(release(months=months(count, partial=(0,))), VI)
    assert chart is not None
    ElementTree.fromstring(chart.svg)


@pytest.mark.parametrize("name", [HOSTILE, "phường " + "Nguyễn Thị Minh Khai " * 6, "x" * 300, "$", "", "=1+1"])
def test_draws_any_name_inside_the_picture(name: str) -> None:
    chart = draw_wards(release(named(name)), VI)
    assert chart is not None
    root = ElementTree.fromstring(chart.svg)
    assert root.attrib["viewBox"].split()[2] == "504"
    assert not [tag for tag in root.iter() if tag.tag.endswith(("script", "text", "foreignObject"))]


def test_draws_nothing_of_nothing() -> None:
    assert draw_months(release(months=pd.DataFrame()), VI) is None
    assert draw_wards(release(with_figures(town(), "ward", figures(0))), VI) is not None


# The page


def test_shows_the_paragraph_the_table_and_both_charts() -> None:
    page = build_page(release(), VI)
    outline = Outline(compose_page_html(release(), VI))
    assert compose_narrative(release(), VI).text in outline.text
    assert page.table.head[0] == "Đơn vị" and page.table.head[-1] == "Tỷ lệ trước và đúng hạn"
    assert [row[0] for row in page.table.rows] == [
        "phường Lê Lợi", "phường Phú Thịnh", "Cộng các phường, xã (2/2)", "Bộ phận một cửa",
        "Toàn thị xã Sơn Tây (3/3)",
    ]  # fmt: skip
    assert page.table.sums == (2, 4) and page.table.rows[4][-1] == "98,50\u00a0%"
    assert [figure.title for figure in page.figures] == ["Diễn biến theo tháng", "Hồ sơ của từng đơn vị"]
    assert not page.sections and "Số liệu đầy đủ: 3/3 đơn vị" in outline.text


@pytest.mark.parametrize("language", Language)
def test_is_readable_without_seeing_it_and_fetches_nothing(language: Language) -> None:
    content = compose_page_html(restated(), language)
    outline = Outline(content)
    tags = [tag for tag, _ in outline.tags]
    assert dict(outline.tags)["html"]["lang"] == language
    assert tags.count("h1") == 1 and {"header", "main", "footer", "figure"} <= set(tags)
    assert all(attributes.get("alt") for tag, attributes in outline.tags if tag == "img")
    assert all(attributes.get("scope") for tag, attributes in outline.tags if tag == "th")
    links = [
        value or "" for _, attributes in outline.tags for name, value in attributes.items() if name in ("src", "href")
    ]
    assert links and all(link.startswith("data:image/svg+xml;base64,") for link in links)
    policy = next(a["content"] or "" for t, a in outline.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-") and "unsafe" not in policy
    assert not re.search(rb"url\(|@import|<script|style=", content)


def test_says_partial_who_is_missing_and_why() -> None:
    page = build_page(restated(), VI)
    assert page.is_partial and page.state == "SỐ LIỆU CHƯA ĐẦY ĐỦ: 2/3 đơn vị"
    assert page.publication == "Công bố lần 2, 09:00 ngày 18/05/2022; thay cho lần 1"
    tables = {table.title: table for table in page.sections}
    absent = tables["Đơn vị chưa có trong số liệu"]
    assert absent.rows == (("phường Phú Thịnh", "bị trả lại, cần sửa", "sai tổng"),)
    notes = {row[0]: row[-1] for row in page.table.rows}
    assert notes["phường Phú Thịnh"] == "bị trả lại, cần sửa" and notes["Toàn thị xã Sơn Tây (2/3)"] == "chưa đầy đủ"
    assert "Công bố lần 1" in build_page(release(), VI).publication
    assert "Chưa công bố" in build_page(release(number=0), VI).publication


def test_lists_open_questions_adjustments_and_changes() -> None:
    tables = {table.title: table for table in build_page(restated(), EN).sections}
    questions = tables["Open questions, the heaviest first"]
    assert len(questions.rows) == 8 and questions.rest_words.startswith("… and 4 more")
    assert ("phường Lê Lợi: Cell C1, Hộ tịch", "4", "gap no. 1 (and 1 more like it)") in questions.rows
    assert tables["Adjustments: carried over + received − resolved + adjustment = pending"].rows[0][:2] == (
        "phường Lê Lợi, April 2022",
        "+4",
    )
    assert tables["Changes since publication no. 1 (07:00 on 20/04/2022)"].rows == (("replaced",),)
    assert tables["Figures that changed"].rows == (("Town", "received, total", "133", "140", "+7"),)


def test_names_each_unit_that_is_missing_however_many_there_are() -> None:
    dataset = over(town(received=(None, None, None)), FOUR_MONTHS)
    for language in Language:
        page = build_page(release(dataset), language)
        assert [row[0] for row in page.sections[0].rows] == ["phường Lê Lợi", "phường Phú Thịnh", "Bộ phận một cửa"]
        assert compose_page_html(release(dataset), language)


def test_escapes_what_strangers_wrote() -> None:
    finding = warning(1, sheet=HOSTILE, cell=HOSTILE, found=HOSTILE)
    of = release(named(HOSTILE), findings=(finding,), review=compose_review((finding,)))
    content = compose_page_html(of, VI)
    assert b"<script" not in content and HOSTILE.partition(" <")[0] in Outline(content).text


def test_sets_the_same_words_as_pdf(tmp_path: Path) -> None:
    for language in Language:
        text = pdf_text(compose_page_pdf(restated(), language), tmp_path)
        page = build_page(restated(), language)
        for said in (*page.sentences, page.state, page.publication, *(table.title for table in page.sections)):
            assert " ".join(said.split()) in text
        assert "140" in text and page.footer[0] in text


def test_never_takes_a_text_for_code_when_setting_the_pdf(tmp_path: Path) -> None:
    text = pdf_text(compose_page_pdf(release(named(HOSTILE)), VI), tmp_path)
    assert '#read("/etc/passwd")' in text and "$x^2$" in text and "[*a*]" in text
    assert Path("/etc/passwd").read_text("utf-8").splitlines()[0] not in text


def test_gives_the_same_bytes_for_the_same_release() -> None:
    assert compose_page_html(restated(), VI) == compose_page_html(restated(), VI)
    assert compose_page_pdf(restated(), VI) == compose_page_pdf(restated(), VI)


def test_makes_a_page_of_another_form(tmp_path: Path) -> None:
    of = of_another_form(read_reference(Path(__file__).parent / "foia"))
    page = build_page(of, EN)
    assert page.table.head == (
        "Unit",
        "Requests to deal with",
        "Pending at the start",
        "Processed",
        "Pending at the end",
    )
    assert len(page.figures) == 1 and "Department of Justice" in page.figures[0].chart.alt
    assert "processed 160" in pdf_text(compose_page_pdf(of, EN), tmp_path)


def pages_of(pdf: bytes, folder: Path) -> Sequence[str]:
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, timeout=60).stdout.decode()
    return re.findall(r"Pages:\s+(\d+)|Page size:\s+(.*)", found)[0]


def test_fits_a_small_town_on_two_sheets(tmp_path: Path) -> None:
    assert int(pages_of(compose_page_pdf(release(months=months(12)), VI), tmp_path)[0]) <= 2
