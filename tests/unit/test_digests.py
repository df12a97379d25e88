"""A digest: one paragraph, the table, who is missing and why, what is open; and when it is another one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from etl.letters.digests import MOST_ADJUSTMENTS, MOST_WARNINGS, compose_digest
from etl.mail import Message
from etl.model import Finding
from etl.publishing.changes import Changes, FigureChange, ReportChange
from etl.publishing.publication import Publication
from etl.publishing.release import Release
from etl.review import compose_review
from etl.rules import compose_finding
from etl.town_dataset import ADJUSTMENT_COLUMNS, TownDataset
from tests.unit.town_example import REFERENCE, town, with_status


def digest(
    dataset: TownDataset | None = None,
    number: int = 1,
    *,
    content: str = "ab" * 32,
    ranges: Mapping[str, int] | None = None,
    **said: Any,
) -> Message:
    moment = datetime(2022, 5, 18, 2, 0, tzinfo=UTC)
    release = Release(dataset or town(), REFERENCE, number, moment, **said)
    files = {"town-2022-04.csv": "", "town-2022-04.xlsx": ""}
    return compose_digest(Publication("2022-04", number, moment, True, content, files, release), ranges)


def finding(rule: str = "C.roll-forward", found: str = "15", expected: str = "12", **changes: Any) -> Finding:
    words = {"where": ("Ô F12: ", "Cell F12: "), "found": (found, found), "expected": (expected, expected)}
    facts: dict[str, Any] = {"unit": "09577", "period": "2022-04", "field": "ho-tich", "measure": "carried_over"}
    return compose_finding(rule, words=words, **{**facts, "found": found, "expected": expected, **changes})


def test_says_in_the_subject_how_whole_the_figures_are() -> None:
    assert digest().subject == "[Số liệu thị xã] tháng 4/2022 – 3/3 đơn vị"
    partial = digest(town(received=(100, None, 40)), 2).subject
    assert partial == "[Số liệu thị xã] tháng 4/2022 – 2/3 đơn vị – chưa đầy đủ – công bố lần 2"


def test_gives_a_paragraph_and_the_town_s_table() -> None:
    message = digest()
    paragraph = (
        "3/3 đơn vị có báo cáo được ghi nhận cho tháng 4/2022 (15/03/2022 – 14/04/2022): tổng số tiếp nhận 200, "
        "tổng số đã giải quyết 200, tổng số đang giải quyết 0, tỷ lệ trước và đúng hạn 98,50 %. Số liệu đầy đủ."
    )
    for body in (message.text, message.html):
        assert paragraph in body
        assert "Các phường, xã (2/2)" in body and "Town (3/3)" in body and "98.50 %" in body
        assert "Báo cáo của tất cả các đơn vị đã được ghi nhận" in body
        assert "town-2022-04.xlsx" in body
    table = [line.split() for line in message.text.splitlines() if line.strip().startswith("Giải quyết quá hạn")]
    assert table[0][-3:] == ["3", "0", "3"]


def test_names_who_is_missing_refused_and_late_and_why() -> None:
    dataset = with_status(town(received=(100, None, None)), "269", "rejected")
    dataset = with_status(dataset, "09574", "accepted", is_late=True)
    error = finding("B.resolved", unit="269", found="6993", expected="6975")
    other = finding("B.resolved", unit="269", period="2022-03", found="1", expected="2")
    text = digest(dataset, findings=[error, other]).text
    assert "CHƯA ĐẦY ĐỦ" in text and "chỉ gồm những đơn vị đã có báo cáo" in text
    assert "Chưa có báo cáo (1):\n\n  • phường Phú Thịnh" in text
    assert "Bộ phận một cửa: Ô F12: 6993, nhưng 6975." in text and "nhưng 2" not in text
    assert "Nộp muộn nhưng đã được ghi nhận (1):\n\n  • phường Lê Lợi" in text
    assert "PARTIAL" in text and "No report yet (1)" in text


def test_names_a_correction_that_was_sent_back() -> None:
    dataset = town()
    newer = {"name": "BC T4 (sửa).xlsx", "received_at": "2022-04-17T09:30:00+07:00", "why": "rejected"}
    coverage = dataset.coverage.assign(newer=[newer, None, None])
    text = digest(replace(dataset, coverage=coverage)).text
    assert "phường Lê Lợi: bản sửa gửi lúc 09:30 ngày 17/04/2022 chưa đạt (BC T4 (sửa).xlsx)" in text
    assert "phường Lê Lợi: the correction sent at 09:30 on 17/04/2022 was not accepted" in text
    assert "Báo cáo của tất cả các đơn vị đã được ghi nhận" not in text and "3/3" in text


def test_orders_open_warnings_by_size_and_cuts_the_list() -> None:
    some = [finding(found=str(size), expected="0") for size in range(1, MOST_WARNINGS + 6)]
    message = digest(review=compose_review(some))
    text = message.text.split("~~~~~")[0]
    effect = "Ảnh hưởng (hồ sơ): "
    assert text.index(effect + "30") < text.index(effect + "29") < text.index(effect + "6")
    assert effect + "5\n" not in text and "… và 5 lưu ý nữa" in text
    assert "1. phường Phú Thịnh: Hộ tịch, Từ kỳ trước chuyển qua" in text


def test_is_told_once_for_each_publication() -> None:
    one = digest()
    assert one.state_key == digest(review=compose_review([finding()]), ranges={"2022-Q2": 3}).state_key
    assert len({one.state_key, digest(number=2).state_key, digest(content="cd" * 32).state_key}) == 3
    assert one.recipients == REFERENCE.town.town_recipients


def test_says_what_changed_since_the_publication_before_by_whom_and_by_how_much() -> None:
    what = (
        "phường Phú Thịnh, tháng 4/2022: báo cáo được thay",
        "phường Phú Thịnh, April 2022: its report was replaced",
    )
    report = ReportChange("09577", "phường Phú Thịnh", "2022-04", "replaced", "phường Phú Thịnh", None, *what)
    figures = (
        FigureChange("town", "", "", "all", "all", "received_total", 1207, 1200),
        FigureChange("town", "", "", "all", "all", "resolved_overdue", 1, 2),
        FigureChange("desk", "", "", "all", "all", "pending_total", None, 5),
        FigureChange("town", "", "", "ho-tich", "all", "received_total", 9, 2),
    )
    changes = Changes(2, datetime(2022, 5, 2, 3, 0, tzinfo=UTC), figures, (report,))
    message = digest(number=3, changes=changes)
    assert "lần công bố thứ 3, thay cho lần 2 (10:00 ngày 02/05/2022)" in message.text
    for body in (message.text, message.html):
        assert "Toàn thị xã: tổng số tiếp nhận 1.207 → 1.200 (−7)" in body
        assert "Town: received, total 1,207 → 1,200 (−7)" in body
        assert "Bộ phận của thị xã: tổng số đang giải quyết – → 5" in body
        assert all(words in body for words in what)
        assert "Hộ tịch" not in body
    assert digest(number=3, changes=replace(changes, figures=())).text.count("Số liệu chung không đổi") == 1
    assert "Thay đổi so với lần công bố trước" not in digest().text


def test_names_the_adjustments_and_the_ranges_published_with_it() -> None:
    rows = [["09577", "phường Phú Thịnh", False, "2022-04", "all", "all", -n, "break"] for n in range(1, 13)]
    adjustments = pd.DataFrame(rows, columns=[*ADJUSTMENT_COLUMNS]).astype({"amount": "Int64"})
    text = digest(replace(town(), adjustments=adjustments), ranges={"2022-Q2": 3, "2022-01/2022-04": 1}).text
    assert "phường Phú Thịnh, tháng 4/2022: −12 – số từ kỳ trước chuyển sang không khớp" in text
    assert f"… và {12 - MOST_ADJUSTMENTS} mục nữa." in text and ": −1 – " not in text
    assert "quý II/2022: công bố lần 3" in text and "January 2022 to April 2022: publication no. 1" in text
    assert "Kỳ gộp" not in digest().text and "Điều chỉnh" not in digest().text


def test_keeps_hostile_names_harmless() -> None:
    hostile = "<b>x</b>\r\nBcc: a@b\u202e"
    dataset = with_status(town(received=(100, None, 40)), "09574", "rejected")
    coverage = dataset.coverage.replace({"unit_name": {"phường Phú Thịnh": hostile}})
    bad = replace(finding(unit="09574", cell=hostile, sheet=hostile), message_vi=hostile, message_en=hostile)
    said = ReportChange("1", hostile, "2022-04", "came", hostile, None, hostile, hostile)
    figure = FigureChange("ward", "1", hostile, hostile, hostile, "received_total", 1, 2)
    changes = Changes(1, datetime(2022, 5, 2, tzinfo=UTC), (figure, replace(figure, scope="town")), (said,))
    message = digest(
        replace(dataset, coverage=coverage), findings=[bad], review=compose_review([bad]), number=2, changes=changes
    )
    assert "<b>" not in message.html and "\u202e" not in message.text
    assert not any(line.startswith("Bcc") for line in message.text.splitlines())
