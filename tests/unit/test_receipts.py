"""A receipt: what a ward reads, to whom it goes, when it is another one, and what a hostile file can do to it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from etl.errors import SubmissionError
from etl.letters.finding_words import REASONS
from etl.letters.receipts import MOST_FINDINGS, compose_receipt
from etl.letters.repeats import compose_repeat
from etl.mail import XLSX, Attachment, Message
from etl.model import CheckedReport, Counting, Finding, Former, Report, Submission, Verdict, verdict_of
from etl.reference import Reference, read_reference
from etl.rules import compose_finding
from etl.standing import Cause, Stand, Standing

SON_TAY = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
REFERENCE = replace(SON_TAY, town=replace(SON_TAY.town, in_use_since=None))
APRIL = REFERENCE.town.calendar.month(2022, 4)
ETL = Path(__file__).parents[2] / "etl"
FIELDS = ("chung-thuc", "ho-tich")
HOSTILE = '=cmd|"\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>\u202egpj.xlsx\x00\u200b\u2028[Đạt]'


def submission(name: str = "phu-thinh-t4.xlsx", **changes: Any) -> Submission:
    received = datetime(2022, 4, 16, 3, 30, tzinfo=UTC)
    return replace(Submission("ab" * 32, name, 18_000, received, Path("x"), "09577"), **changes)


def report(code: str = "09577", **changes: Any) -> Report:
    """Give a report of two fields, one cell of which is missing."""
    columns = REFERENCE.form.edition("2020").measures
    frame = pd.DataFrame(
        {"sheet": "Biểu", "row": [12, 13, 14], "kind": ["field", "field", "total"], "field": [*FIELDS, None]}
    )
    for measure in REFERENCE.form.measure_names:
        frame[measure] = pd.array([1290, 7 if measure != "carried_over" else None, 1297], dtype="Int64")
    letters = {measure: chr(ord("C") + i) for i, measure in enumerate(columns)}
    unit = next(u for u in REFERENCE.units if u.code == code)
    plain = Report("ab" * 32, "phu-thinh-t4.xlsx", unit, unit.name, APRIL, "Tháng 4", "2020", frame, {"Biểu": letters})
    return replace(plain, **changes)


def finding(rule: str = "B.resolved", **changes: Any) -> Finding:
    facts: dict[str, Any] = {
        "unit": "09577", "period": "2022-04", "field": "ho-tich", "measure": "resolved_total", "sheet": "Biểu",
        "cell": "G13", "found": "6975", "expected": "6957",
        "suggestion": {"measure": "resolved_total", "cell": "G13", "value": 6957, "reason": "two digits swapped"},
    }  # fmt: skip
    found = ("ghi 6.975", "it says 6,975")
    words = {"where": ("Ô G13: ", "Cell G13: "), "found": found, "expected": ("6.957", "6,957")}
    return compose_finding(rule, words=words, **{**facts, **changes})


def checked(*findings: Finding, **changes: Any) -> CheckedReport:
    return CheckedReport(report(**changes), findings, verdict_of(findings))


def english_first(reference: Reference = REFERENCE) -> Reference:
    return replace(reference, town=replace(reference.town, language="en"))


def test_says_in_the_subject_what_became_of_the_report() -> None:
    warning = finding("C.roll-forward")
    subjects = [
        compose_receipt(submission(), [checked(*findings)], REFERENCE).subject
        for findings in [(), (warning,), (warning, finding(), finding(cell="H13"))]
    ]
    assert subjects == [
        "[Đạt] Phú Thịnh – tháng 4/2022",
        "[Đạt, có lưu ý] Phú Thịnh – tháng 4/2022 – 1 lưu ý",
        "[Cần sửa] Phú Thịnh – tháng 4/2022 – 2 lỗi, 1 lưu ý",
    ]


def test_says_cell_by_cell_what_to_correct_in_both_languages() -> None:
    message = compose_receipt(submission(), [checked(finding("C.roll-forward", cell="F12"), finding())], REFERENCE)
    for body in (message.text, message.html):
        assert body.index("Ô G13") < body.index("Ô F12") < body.index("Cell G13"), "errors first, Vietnamese first"
        for words in ("6.975", "6.957", "two digits swapped", "Hộ tịch", "10:30 ngày 16/04/2022", "phu-thinh-t4.xlsx"):
            assert words in body
        assert "17:00 ngày 17/04/2022" in body, "the deadline"
        assert "abababababab" in body
        assert "1.297" in body and "1,297" in body
        assert "1.290 (thiếu 1 ô)" in body, "a missing cell is no 0"


def test_puts_the_language_of_the_town_first() -> None:
    message = compose_receipt(submission(), [checked(finding())], english_first())
    assert message.subject.startswith("[To be corrected] Phú Thịnh – April 2022 – 1 error")
    assert message.text.index("Cell G13") < message.text.index("Ô G13")
    assert '<html lang="en">' in message.html


def test_says_why_a_file_cannot_be_read() -> None:
    error = SubmissionError("encrypted", "Tệp có mật khẩu: hãy bỏ mật khẩu.", "Protected: remove the password.")
    message = compose_receipt(submission(), error, REFERENCE)
    assert message.subject == "[Không đọc được] cần gửi lại – phu-thinh-t4.xlsx"
    assert "Tệp có mật khẩu" in message.text and "remove the password" in message.html
    assert message.recipients == ("09577@phuong.sontay.example",)


@pytest.mark.parametrize(
    ("sent_by", "code", "verdict", "recipients"),
    [
        (None, "09580", Verdict.REJECTED, {"09580@phuong.sontay.example"}),
        ("09577", "09577", Verdict.ACCEPTED, {"09577@phuong.sontay.example"}),
        ("Phường Phú Thịnh", "09580", Verdict.REJECTED, {"09577@phuong.sontay.example"}),
        ("phu thinh", "09580", Verdict.ACCEPTED, {"09577@phuong.sontay.example", "09580@phuong.sontay.example"}),
        ("nobody", "09580", Verdict.ACCEPTED, {"09580@phuong.sontay.example"}),
    ],
)
def test_goes_to_who_can_act(sent_by: str | None, code: str, verdict: Verdict, recipients: set[str]) -> None:
    one = CheckedReport(report(code), (), verdict)
    assert set(compose_receipt(submission(sent_by=sent_by), [one], REFERENCE).recipients) == recipients


def test_goes_to_the_operator_where_no_ward_is_known_or_has_an_address() -> None:
    error = SubmissionError("damaged", "Tệp bị hỏng.", "Damaged.")
    stranger = compose_receipt(submission(sent_by=None), error, REFERENCE)
    assert stranger.recipients == REFERENCE.town.operator_recipients
    mute = replace(REFERENCE, town=replace(REFERENCE.town, ward_recipients={}))
    message = compose_receipt(submission(), [checked()], mute)
    assert message.recipients == REFERENCE.town.operator_recipients
    assert "chuyển tiếp" in message.text


def test_is_the_same_receipt_exactly_while_the_state_is_the_same() -> None:
    def key(*findings: Finding) -> str:
        return compose_receipt(submission(), [checked(*findings)], REFERENCE).state_key

    one, other = finding(), finding(cell="H13")
    assert key(one, other) == key(other, one) == key(replace(one, message_vi="khác"), other)
    assert len({key(), key(one), key(other), key(replace(one, found="1")), key(finding("C.roll-forward"))}) == 5
    again = compose_receipt(submission(sha256="cd" * 32), [checked(one, other)], REFERENCE)
    assert again.state_key != key(one, other)


def test_keeps_hostile_names_and_cells_harmless() -> None:
    bad = finding(found=HOSTILE, cell=HOSTILE, sheet=HOSTILE, field=HOSTILE, measure=HOSTILE, expected=HOSTILE,
                  suggestion={"either": [{"cell": HOSTILE, "value": HOSTILE, "reason": HOSTILE}]})  # fmt: skip
    bad = replace(bad, message_vi=HOSTILE, message_en=HOSTILE)
    stranger = report(unit=None, unit_text=HOSTILE, period=None, period_text=HOSTILE)
    nobody = CheckedReport(stranger, (bad,), Verdict.REJECTED)
    for outcome in ([nobody], [nobody, nobody], SubmissionError("damaged", HOSTILE, HOSTILE)):
        message = compose_receipt(submission(HOSTILE, sent_by=HOSTILE), outcome, REFERENCE)
        assert "\n" not in message.subject and "\r" not in message.subject
        assert "<script" not in message.html
        for forbidden in ("\u202e", "\x00", "\u200b", "\u2028", "\r"):
            assert forbidden not in message.subject + message.text + message.html
        assert not any(line.startswith(("Bcc:", "[Đạt]")) for line in message.text.splitlines())


def test_says_the_reasons_of_suggestions_in_words() -> None:
    source = (ETL / "parsing" / "figures.py").read_text()
    used = set(re.findall(r'^    CountProblem.+?"[A-Z][.\w-]+", "(\w+)"\)', source, re.MULTILINE))
    assert used and used <= REASONS.keys()
    choice = {"cell": "D13", "value": 1290, "reason": "decimal_point"}
    text = compose_receipt(submission(), [checked(finding(suggestion=choice))], REFERENCE).text
    assert "ô D13 = 1.290 (dấu chấm hàng nghìn" in text and "decimal_point" not in text
    new = compose_receipt(submission(), [checked(finding(suggestion=choice | {"reason": "new_code"}))], REFERENCE)
    assert "new_code" not in new.text


def test_says_which_report_it_replaces_and_what_is_no_longer_there() -> None:
    before = Former(
        "09577", "2022-04", "quầy 1.xlsx", datetime(2022, 4, 15, 1, 5, tzinfo=UTC),
        (("ho-tich", "Hộ tịch"), (None, "Lĩnh vực lạ")), {"received_total": (1297, 7), "carried_over": (None, 3)},
    )  # fmt: skip
    message = compose_receipt(submission(), [checked()], REFERENCE, former=[before])
    for body in (message.text, message.html):
        assert "thay cho báo cáo đã nhận lúc 08:05 ngày 15/04/2022 (tệp quầy 1.xlsx)" in body
        assert "Báo cáo trước có lĩnh vực Hộ tịch, Lĩnh vực lạ, báo cáo này không có" in body
        assert "hãy gửi chung một tệp" in body and "please send both in one file" in body
        assert "1.297 → 7" in body and "1,297 → 7" in body and "– → 3" in body
        assert "replaces the one received at 08:05 on 15/04/2022 (file quầy 1.xlsx)" in body
    assert "thay cho báo cáo đã nhận" not in compose_receipt(submission(), [checked()], REFERENCE).text
    elsewhere = replace(before, unit_code="09580", name=HOSTILE)
    assert (
        "thay cho báo cáo đã nhận" not in compose_receipt(submission(), [checked()], REFERENCE, former=[elsewhere]).text
    )
    hostile = compose_receipt(submission(), [checked()], REFERENCE, former=[replace(before, name=HOSTILE)])
    assert "<script" not in hostile.html and "\r" not in hostile.text


def test_says_which_file_counts_instead_of_one_sent_again() -> None:
    known, came = datetime(2022, 4, 15, 1, 5, tzinfo=UTC), datetime(2022, 4, 16, 1, 6, tzinfo=UTC)
    other = Counting("09577", "Phú Thịnh", "2022-04", "a.xlsx", known, True, "cd" * 32, "b.xlsx", came)
    message = compose_repeat(submission(), [other], REFERENCE)
    assert message.subject == "[Đã nhận trước đây] – phu-thinh-t4.xlsx"
    assert message.recipients == ("09577@phuong.sontay.example",)
    for body in (message.text, message.html):
        assert "giống hệt tệp đã nhận lúc 08:05 ngày 15/04/2022 (a.xlsx)" in body
        assert "tháng 4/2022: báo cáo đang được tính là tệp b.xlsx nhận lúc 08:06 ngày 16/04/2022" in body
        assert "hãy lưu tệp lại (đổi ngày ký chẳng hạn) rồi gửi" in body
        assert "the report that counts is the file b.xlsx, received at 08:06 on 16/04/2022" in body
    waiting = compose_repeat(submission(), [replace(other, is_waiting=True)], REFERENCE)
    assert "đang chờ người phụ trách của thị xã duyệt" in waiting.text and "đổi ngày ký" not in waiting.text
    later = replace(submission(), received_at=came)
    assert compose_repeat(later, [other], REFERENCE).state_key == message.state_key
    assert compose_repeat(later, [replace(other, sha256="ef" * 32)], REFERENCE).state_key != message.state_key
    hostile = compose_repeat(submission(HOSTILE), [replace(other, name=HOSTILE, known_name=HOSTILE)], REFERENCE)
    assert "<script" not in hostile.html and "\r" not in hostile.text and "\n" not in hostile.subject


def test_cuts_a_long_list_and_says_so() -> None:
    many = [finding(cell=f"G{row}") for row in range(MOST_FINDINGS + 7)]
    message = compose_receipt(submission(), [checked(*many)], REFERENCE)
    assert "… và 7 lỗi nữa" in message.text and "… and 7 more" in message.html
    assert len(message.html) < 200_000
    crowd = compose_receipt(submission(), [checked()] * 40, REFERENCE)
    assert "… và 28 báo cáo nữa" in crowd.text


STANDINGS = [
    Standing(Stand.COUNTS),
    Standing(Stand.OLDER),
    Standing(Stand.REPLACED),
    Standing(Stand.SET_ASIDE),
    Standing(Stand.WAITS, Cause.CLOSED),
    Standing(Stand.WAITS, Cause.UNDATED),
    Standing(Stand.REFUSED),
]
ACCEPTED: dict[str, tuple[Finding, ...]] = {
    "accepted": (),
    "question": (finding("H.ratio"),),
    "warnings": (finding("C.roll-forward"),),
}
BEFORE = Former(
    "09577", "2022-04", "a.xlsx", datetime(2022, 4, 15, 1, 5, tzinfo=UTC), (("ho-tich", "Hộ tịch"),),
    {"pending_total": (4, 2)},
)  # fmt: skip


def told(standing: Standing, *findings: Finding, former: tuple[Former, ...] = (BEFORE,)) -> Message:
    """Compose the receipt of a file of one report that stands so beside the one that counted."""
    one = checked(*findings)
    stands = {(one.report.unit_label, one.report.period_label): standing}
    return compose_receipt(submission(), [one], REFERENCE, former=former, stands=stands)


def test_every_stand_and_cause_is_read_here() -> None:
    assert {standing.stand for standing in STANDINGS} == set(Stand)
    assert {standing.cause for standing in STANDINGS} == set(Cause)


@pytest.mark.parametrize(
    ("standing", "tag", "said", "next_step"),
    [
        (Standing(Stand.OLDER), "Không tính: tệp cũ hơn", "CŨ HƠN báo cáo đang được tính", "ngày ký mới"),
        (Standing(Stand.REPLACED), "Không tính: đã có báo cáo mới hơn", "KHÔNG ĐƯỢC TÍNH", "trừ khi chính tệp này"),
        (Standing(Stand.SET_ASIDE), "Không tính: đã có quyết định", "theo quyết định", "xin liên hệ"),
        (Standing(Stand.WAITS, Cause.CLOSED), "Chờ duyệt", "kỳ này ĐÃ KHÓA SỐ", "xin chờ kết quả duyệt"),
        (Standing(Stand.WAITS, Cause.UNDATED), "Chờ duyệt", "không xác định được tệp này", "Để khỏi phải chờ"),
        (Standing(Stand.COUNTS), "Đạt", "đã được ghi nhận", "được đưa vào số liệu"),
    ],
)
def test_says_how_an_accepted_report_stands_beside_the_one_that_counted(
    standing: Standing, tag: str, said: str, next_step: str
) -> None:
    message = told(standing)
    assert message.subject.startswith(f"[{tag}]") and f"báo cáo {tag[:1].lower()}{tag[1:]}\n" in message.text
    first, _, after = message.text.partition("Tiếp theo\n")
    assert said in first and next_step in after.partition("Thư này do máy gửi")[0]
    is_counted = standing.stand is Stand.COUNTS
    assert ("Số liệu này được đưa vào số liệu" in message.text) is is_counted
    assert ("Báo cáo này thay cho" in message.text) is is_counted and "4 → 2" in message.text
    assert message.text.count("a.xlsx") == 2, "once in each language"


@pytest.mark.parametrize("standing", STANDINGS, ids=lambda standing: standing.cause or standing.stand)
def test_what_does_not_count_is_never_said_to_and_each_stand_has_a_next_step(standing: Standing) -> None:
    is_refused = standing.stand is Stand.REFUSED
    for findings in [(finding(),)] if is_refused else ACCEPTED.values():
        for former in [()] if is_refused else [(), (BEFORE,)]:
            text = told(standing, *findings, former=former).text
            counted = ("đã được ghi nhận. Không", "đã được ghi nhận, có", "Báo cáo này thay cho", "was accepted")
            assert any(words in text for words in counted) is (standing.stand is Stand.COUNTS)
            for head, end in (("Tiếp theo\n", "Thư này do máy"), ("What happens next\n", "This mail is sent")):
                assert len(text.partition(head)[2].partition(end)[0].strip("-\n ")) > 40
            greeting = text.partition("Kính gửi")[2].partition("\n")[0]
            assert not any(slip in greeting for slip in ("  ", " .", " ,", "()", ",,")), greeting


def test_a_question_is_no_reproach() -> None:
    text = told(Standing(Stand.COUNTS), finding("H.ratio"), former=()).text
    assert "Không có lỗi. Số liệu nêu dưới đây khác thường so với các kỳ trước" in text
    assert "The figures below are unusual beside earlier periods" in text


def test_a_waiting_report_beside_which_none_counts_is_not_said_to_leave_one_counting() -> None:
    text = told(Standing(Stand.WAITS, Cause.CLOSED), former=()).text
    assert "cho đến khi đó tệp này chưa được tính.\n" in text and "vẫn được tính" not in text
    assert "still does" not in text


def test_after_the_closing_no_report_is_said_to_replace_another_by_itself() -> None:
    town = replace(REFERENCE.town, closing_days=1)
    closes_at = town.closes_at(APRIL)
    assert closes_at is not None
    for received_at, is_closed in ((closes_at, False), (closes_at + timedelta(seconds=1), True)):
        late = submission(received_at=received_at)
        text = compose_receipt(late, [checked()], replace(REFERENCE, town=town)).text
        assert ("Kỳ này đã khóa số" in text) is ("The period is closed" in text) is is_closed
        assert ("báo cáo mới hơn thay cho báo cáo này" in text) is not is_closed


def test_a_file_of_which_not_all_counts_says_so() -> None:
    reports = [checked(), CheckedReport(report("09580"), (), Verdict.ACCEPTED)]
    keys = [(one.report.unit_label, one.report.period_label) for one in reports]

    def tag(*stands: Stand) -> str:
        standings = {key: Standing(stand) for key, stand in zip(keys, stands, strict=True)}
        return compose_receipt(submission(), reports, REFERENCE, stands=standings).subject.partition("]")[0][1:]

    assert tag(Stand.COUNTS, Stand.COUNTS) == "Đạt"
    assert tag(Stand.COUNTS, Stand.REPLACED) == tag(Stand.OLDER, Stand.COUNTS) == "Có báo cáo không được tính"
    assert tag(Stand.REPLACED, Stand.REPLACED) == "Không tính: đã có báo cáo mới hơn"
    assert tag(Stand.COUNTS, Stand.WAITS) == "Chờ duyệt"


def test_carries_the_marked_copy_and_says_so() -> None:
    copy = Attachment("BC (đã đánh dấu).xlsx", XLSX, b"PK")
    message = compose_receipt(submission(), [checked(finding())], REFERENCE, copy=copy)
    assert message.attachments == (copy,) and "Kèm theo thư là chính tệp của đơn vị" in message.text
    assert "Kèm theo thư" not in compose_receipt(submission(), [checked(finding())], REFERENCE).text


def test_names_the_one_cell_that_all_errors_come_from() -> None:
    choice = {"cell": "I9", "value": 49, "reason": "94 → 49: hai chữ số liền nhau bị đổi chỗ"}
    both = [finding(cell="G9", suggestion=choice), finding("T.total-row", cell="I18", suggestion=choice)]
    assert "do MỘT ô ghi sai: ô I9 = 49." in compose_receipt(submission(), [checked(*both)], REFERENCE).text
    for others in ([both[0]], [both[0], finding(cell="H3")], [both[0], finding(cell="H3", suggestion={"either": []})]):
        assert "MỘT ô" not in compose_receipt(submission(), [checked(*others)], REFERENCE).text
