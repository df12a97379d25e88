"""The letters about a report that needs a word: the operator is asked once, the ward is told who said what and why."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from etl.letters.approvals import compose_ruling, compose_waiting
from etl.mail import MailKind, Message
from etl.reference import Reference
from tests.unit.town_example import APRIL, REFERENCE

LE_LOI = next(unit for unit in REFERENCE.expected_units(APRIL) if unit.code == "09574")
SHA = "ab12" * 16
WAITING = {
    "key": f"2022-04:09574:{SHA[:12]}",
    "submission": SHA,
    "unit": "09574",
    "unit_name": "phường Lê Lợi",
    "period": "2022-04",
    "cause": "closed",
    "file": "BC <b>T4</b>.xlsx",
    "received_at": "09:05 ngày 20/04/2022",
    "subject": "phường Lê Lợi, tháng 4/2022: 500 → 510",
    "body": "Kỳ này đã khóa số: thay đổi phải được duyệt.\n\n- Tệp mới: `BC <b>T4</b>.xlsx`\n\n"
    "| Chỉ tiêu | Đang tính | Tệp mới |\n| --- | ---: | ---: |\n| Tổng số | 500 | <i>510</i> |\n\n**Duyệt**: tính.",
}


COUNTING = ("BC <b>cũ</b>.xlsx", datetime(2022, 4, 15, 1, 5, tzinfo=UTC))


def rule(reference: Reference = REFERENCE, **changes: Any) -> Message:
    said = {
        "unit": LE_LOI,
        "period": APRIL,
        "file_name": "BC <b>T4</b>.xlsx",
        "submission": SHA,
        "is_counted": True,
        "reason": "đã đối chiếu <sổ>",
        "author": "Nguyễn Thị A",
        "ruled_at": datetime(2022, 4, 20, 3, tzinfo=UTC),
    }
    return compose_ruling(reference, **(said | changes))


def test_the_operator_is_told_what_waits_and_where_to_answer() -> None:
    message = compose_waiting(WAITING, REFERENCE, "http://airflow.example:8080/")
    assert message.subject == "[Chờ duyệt] phường Lê Lợi – tháng 4/2022"
    assert (message.kind, message.topic) == (MailKind.ALERT, WAITING["key"])
    assert message.recipients == REFERENCE.town.operator_recipients
    for body in (message.text, message.html):
        assert "http://airflow.example:8080/required_actions?response_received=false" in body
        assert "báo cáo này không được tính" in body and "đã khóa số" in body and "The period is closed" in body
        assert "09574" in body and "09:05 ngày 20/04/2022" in body and SHA[:12] in body
    assert "Chỉ tiêu  Đang tính     Tệp mới" in message.text and "Tổng số         500  <i>510</i>" in message.text
    assert "---:" not in message.text and "`" not in message.text and "Duyệt: tính." in message.text
    assert "<td" in message.html and "500</td>" in message.html


def test_the_operator_is_told_why_it_waits() -> None:
    undated = compose_waiting(WAITING | {"cause": "undated", "body": "Không xác định được tệp nào mới hơn."}, REFERENCE)
    assert "Không xác định được tệp nào mới hơn." in undated.text
    assert "It cannot be told" in undated.text and "The period is closed" not in undated.text


def test_without_an_address_of_airflow_none_is_shown() -> None:
    assert "http" not in compose_waiting(WAITING, REFERENCE).text


def test_what_strangers_wrote_is_escaped() -> None:
    for message in (compose_waiting(WAITING, REFERENCE), rule()):
        assert "BC &lt;b&gt;T4&lt;/b&gt;.xlsx" in message.html and "<b>" not in message.html
        assert "<i>" not in message.html and "<sổ>" not in message.html


def test_the_ward_is_told_that_its_figures_count_by_whose_word_and_why() -> None:
    message = rule()
    assert message.subject == "[Đã duyệt] Lê Lợi – tháng 4/2022"
    assert (message.kind, message.recipients) == (MailKind.RECEIPT, REFERENCE.town.ward_recipients["09574"])
    for words in ("được tính", "its figures count", "đã đối chiếu <sổ>", "Nguyễn Thị A", "10:00 ngày 20/04/2022"):
        assert words in message.text


def test_the_ward_is_told_which_report_counts_where_its_change_is_refused() -> None:
    message = rule(is_counted=False, counting=COUNTING)
    assert message.subject == "[Không duyệt] Lê Lợi – tháng 4/2022"
    for words in (
        "Báo cáo được tính vẫn là tệp BC <b>cũ</b>.xlsx, nhận lúc 08:05 ngày 15/04/2022",
        "The report that counts is still the file BC <b>cũ</b>.xlsx, received at 08:05 on 15/04/2022",
        "đã đối chiếu <sổ>",
        "Nguyễn Thị A",
    ):
        assert words in message.text
    assert "Từ nay số liệu của tệp này được tính" not in message.text and "<b>" not in message.html


def test_a_refusal_says_nothing_of_figures_it_does_not_know() -> None:
    said = rule(is_counted=False).text
    assert "Báo cáo được tính" not in said and "The report that counts" not in said
    assert "Nếu chưa có báo cáo nào khác được tính" in said and "If no other report counts" in said


@pytest.mark.parametrize(
    ("counting", "said", "unsaid"),
    [
        (
            COUNTING,
            ("bây giờ là tệp BC <b>cũ</b>.xlsx, nhận lúc 08:05 ngày 15/04/2022", "now is the file BC <b>cũ</b>.xlsx"),
            ("Xin gửi báo cáo đúng", "Please send the right report"),
        ),
        (
            None,
            ("không có báo cáo nào của đơn vị được tính", "Xin gửi báo cáo đúng", "No report of yours counts"),
            ("bây giờ là tệp", "now is the file"),
        ),
    ],
)
def test_the_ward_is_told_what_counts_after_its_report_was_set_aside(
    counting: tuple[str, datetime] | None, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    message = rule(is_counted=False, had_waited=False, counting=counting)
    assert message.subject == "[Không còn được tính] Lê Lợi – tháng 4/2022"
    assert "không còn được tính" in message.text and "no longer counts" in message.text
    for words in said:
        assert words in message.text
    for words in (*unsaid, "giữ nguyên", "không được duyệt"):
        assert words not in message.text


def test_the_subject_is_in_the_language_of_the_town() -> None:
    english = replace(REFERENCE, town=replace(REFERENCE.town, language="en"))
    told = [rule(english), rule(english, is_counted=False), rule(english, is_counted=False, had_waited=False)]
    assert [message.subject.partition("]")[0] for message in told] == [
        "[Approved",
        "[Not approved",
        "[No longer counted",
    ]


def test_each_ruling_is_told_once() -> None:
    later = datetime(2022, 4, 21, tzinfo=UTC)
    assert rule().state_key == rule().state_key
    assert len({rule().state_key, rule(is_counted=False).state_key, rule(ruled_at=later).state_key}) == 3
    assert rule().topic == rule(is_counted=False).topic
