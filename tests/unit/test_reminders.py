"""A reminder: which stage on which morning, what it says, who reads it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from etl.letters.reminders import compose_reminder, compose_unreachable
from etl.mail import XLSX, Attachment, MailKind, Message
from etl.reference import Town
from etl.reminders import LATEST_DAYS, Failed, Owed, Reminder, choose_stage, find_months_due, find_reminder
from tests.unit.town_example import APRIL, REFERENCE

TOWN = REFERENCE.town
LE_LOI = next(unit for unit in REFERENCE.expected_units(APRIL) if unit.code == "09574")
DUE = datetime(2022, 4, 17, 17, tzinfo=TOWN.time_zone)
REFUSED = Failed("BC <T4>.xlsx", datetime(2022, 4, 16, 2, 5, tzinfo=UTC), 3)
UNREADABLE = Failed("BC T4.doc", datetime(2022, 4, 16, 2, 5, tzinfo=UTC), None)


def morning(days: int, hour: int = 8) -> datetime:
    """Give the morning so many days from the day the report of April is due."""
    return datetime(2022, 4, 17, hour, tzinfo=TOWN.time_zone) + timedelta(days=days)


def town(*days: int, in_use_since: date | None = None) -> Town:
    return replace(TOWN, reminder_days=tuple(days), in_use_since=in_use_since)


def remind(days: int, failed: Failed | None = None, hour: int = 8, **changes: str) -> Message:
    reminder = find_reminder(Owed(LE_LOI, APRIL, DUE, failed), TOWN, at=morning(days, hour))
    assert reminder is not None
    return compose_reminder(reminder, REFERENCE, **changes)


def test_the_example_is_what_the_town_decided() -> None:
    assert (TOWN.due_at(APRIL), TOWN.reminder_days) == (DUE, (-2, 0, 1, 4))


@pytest.mark.parametrize(
    ("days", "stage"),
    [(-40, None), (-3, None), (-2, -2), (-1, -2), (0, 0), (1, 1), (3, 1), (4, 4), (11, 4), (12, None), (400, None)],
)
def test_after_missed_mornings_the_latest_stage_that_has_come_is_told(days: int, stage: int | None) -> None:
    assert choose_stage(TOWN, DUE, morning(days)) == stage


def test_a_day_is_one_of_the_town() -> None:
    assert choose_stage(TOWN, DUE, datetime(2022, 4, 14, 16, 59, tzinfo=UTC)) is None
    assert choose_stage(TOWN, DUE, datetime(2022, 4, 14, 17, 0, tzinfo=UTC)) == -2


@pytest.mark.parametrize(("told", "stage"), [(None, 1), (-2, 1), (0, 1), (1, None), (4, None)])
def test_no_stage_is_told_that_is_not_later_than_the_last_told(told: int | None, stage: int | None) -> None:
    found = find_reminder(Owed(LE_LOI, APRIL, DUE), TOWN, at=morning(2), told=told)
    assert (found.stage if found else None) == stage


def test_no_stages_no_reminders() -> None:
    assert choose_stage(town(), DUE, morning(0)) is None
    assert find_months_due(town(), morning(0)) == []


def test_the_months_looked_at_are_those_with_a_stage_to_tell() -> None:
    def keys(at: datetime, chosen: Town = TOWN) -> list[str]:
        return [month.key for month in find_months_due(chosen, at)]

    assert keys(morning(-3)) == []
    assert keys(morning(-2)) == keys(morning(0)) == keys(morning(4 + LATEST_DAYS)) == ["2022-04"]
    assert keys(morning(5 + LATEST_DAYS)) == []
    assert keys(morning(0), town(-40, 0, 30)) == ["2022-03", "2022-04", "2022-05"]
    assert keys(morning(0), town(-33)) == ["2022-05"]


@pytest.mark.parametrize("days", range(-60, 60, 7))
def test_every_month_with_a_stage_to_tell_is_looked_at(days: int) -> None:
    chosen, at = town(-9, 3, 20), morning(days)
    months = [TOWN.calendar.month(2022, month) for month in range(1, 13)]
    due = {month: chosen.due_at(month) for month in months}
    assert find_months_due(chosen, at) == [
        m for m in months if (day := due[m]) and choose_stage(chosen, day, at) is not None
    ]


def test_nobody_is_reminded_of_history() -> None:
    assert find_months_due(town(-2, 0, 1, 4, in_use_since=date(2022, 4, 18)), morning(0)) == []
    assert find_months_due(town(-2, 0, 1, 4, in_use_since=date(2022, 4, 17)), morning(0)) == [APRIL]


def test_before_it_is_due_the_unit_is_told_until_when_and_how_and_gets_the_form() -> None:
    form = Attachment("mau 2022-04.xlsx", XLSX, b"PK")
    reminder = Reminder(Owed(LE_LOI, APRIL, DUE), -2, morning(-2))
    message = compose_reminder(reminder, REFERENCE, attachments=[form])
    assert message.subject == "[Nhắc nộp báo cáo] phường Lê Lợi – tháng 4/2022 – hạn 17:00 ngày 17/04/2022"
    assert (message.kind, message.state, message.attachments) == (MailKind.REMINDER, "-2", (form,))
    assert (message.recipients, message.copies) == (TOWN.ward_recipients["09574"], ())
    for body in (message.text, message.html):
        assert "trước 17:00 ngày 17/04/2022" in body and "thư mục 09574" in body and "mau 2022-04.xlsx" in body
        assert "due at 17:00 on 17/04/2022" in body and "15/03/2022 – 14/04/2022" in body
        assert "hôm nay" not in body and "chậm" not in body


def test_on_the_day_it_says_today() -> None:
    message = remind(0)
    assert "hôm nay, trước 17:00" in message.text and "due today, at 17:00" in message.text
    assert message.copies == ()


def test_once_it_is_past_due_it_says_how_late_and_the_operator_reads_it() -> None:
    message = remind(1)
    assert message.subject == "[Quá hạn 1 ngày] phường Lê Lợi – tháng 4/2022"
    assert "chậm 1 ngày" in message.text and "it is 1 day late" in message.text
    assert message.copies == TOWN.operator_recipients != ()
    assert "4 days late" in remind(4).text and "6 days late" in remind(6).text


def test_the_stage_of_the_day_told_in_the_evening_is_told_as_late() -> None:
    message = remind(0, hour=18)
    assert message.subject.startswith("[Quá hạn] ") and message.copies and "chậm" not in message.text


def test_a_refused_report_is_still_to_be_corrected_not_missing() -> None:
    message = remind(1, REFUSED)
    assert "Báo cáo nhận lúc 09:05 ngày 16/04/2022" in message.text and "còn phải sửa: 3 lỗi" in message.text
    assert "sent at 09:05 on 16/04/2022" in message.text and "still to be corrected: 3 errors" in message.text
    assert "BC &lt;T4&gt;.xlsx" in message.html and "<T4>" not in message.html
    assert "1 error." in remind(1, replace(REFUSED, errors=1)).text
    assert "còn phải sửa." in remind(1, replace(REFUSED, errors=0)).text


def test_an_unreadable_file_is_told_as_that() -> None:
    message = remind(0, UNREADABLE)
    assert "BC T4.doc nhận lúc 09:05 ngày 16/04/2022 không đọc được" in message.text
    assert "could not be read" in message.text and "còn phải sửa" not in message.text


def test_reports_by_mail_are_offered_where_a_mailbox_is_read() -> None:
    assert "baocao@sontay.example" in remind(0, mailbox="baocao@sontay.example").text
    assert "đính kèm tệp tới" not in remind(0).text


def test_each_stage_of_each_unit_and_period_is_another_state() -> None:
    assert remind(-2).state_key != remind(0).state_key == remind(0, REFUSED).state_key
    may = TOWN.calendar.month(2022, 5)
    assert compose_reminder(Reminder(Owed(LE_LOI, may, DUE), 0, DUE), REFERENCE).topic != remind(0).topic


def test_units_without_an_address_are_one_mail_to_the_operator() -> None:
    units = REFERENCE.expected_units(APRIL)[:3]
    owed = [Owed(unit, APRIL, DUE, failed) for unit, failed in zip(units, (None, REFUSED, UNREADABLE), strict=True)]
    message = compose_unreachable([Reminder(one, 1, morning(1)) for one in owed], REFERENCE)
    assert message.recipients == TOWN.operator_recipients
    assert message.subject == "[Nhắc giúp: chưa có địa chỉ thư] tháng 4/2022 – 3 đơn vị"
    assert all(f"{unit.full_name} ({unit.code})" in message.text for unit in units)
    for words in ("chưa có báo cáo", "còn phải sửa: 3 lỗi", "không đọc được", "town.yaml", "đã chậm 1 ngày"):
        assert words in message.text
