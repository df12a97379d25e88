"""Periods as people write them, by the calendar of the town."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.periods import Calendar, find_periods, parse_period

BY_DECREE, BY_MONTH = Calendar(14), Calendar()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2022-04", "2022-04"),
        ("Tháng 4 năm 2022", "2022-04"),
        ("THÁNG 04/2022", "2022-04"),
        ("T4.2022", "2022-04"),
        ("Tha\u0301ng 4 na\u0306m 2022", "2022-04"),
        ("Quý I/2022", "2022-Q1"),
        ("Quý IV năm 2022", "2022-Q4"),
        ("Q1/2024", "2024-Q1"),
        ("2022-Q1", "2022-Q1"),
        ("1Q2022", "2022-Q1"),
        ("first quarter 2022", "2022-Q1"),
        ("Jan 2022", "2022-01"),
        ("January 2022", "2022-01"),
        ("2022.04", "2022-04"),
        ("fiscal year 2022", "2022"),
        ("FY2022", "2022"),
        ("năm tài chính 2022", "2022"),
        ("9 tháng 2022", "2022-01/2022-09"),
        ("6T/2022", "2022-H1"),
        ("tháng 1-4/2022", "2022-01/2022-04"),
        ("Tháng 1 đến tháng 4/2022", "2022-01/2022-04"),
        ("6 tháng đầu năm 2022", "2022-H1"),
        ("6 tháng cuối năm 2022", "2022-H2"),
        ("4 tháng đầu năm 2022", "2022-01/2022-04"),
        ("first 4 months of 2022", "2022-01/2022-04"),
        ("2022-01/2022-04", "2022-01/2022-04"),
        ("năm 2021", "2021"),
        ("2020", "2020"),
        ("Từ ngày 15/3/2022 đến ngày 14/4/2022", "2022-04"),
        ("từ 15/3 đến 14/4/2022", "2022-04"),
        ("01/07/2025-23/09/2025", "2025-07-01/2025-09-23"),
        ("Từ ngày 15 tháng 12 năm 2021 đến ngày 14 tháng 3 năm 2022", "2022-Q1"),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, key: str) -> None:
    period = parse_period(text, BY_DECREE)
    assert period is not None
    assert period.key == key


@pytest.mark.parametrize(
    "text", ["", "abc", "2022-13", "tháng 13 năm 2022", "quý V/2022", "31/02/2022-31/03/2022", "12345"]
)
def test_what_is_no_period_is_not_guessed(text: str) -> None:
    assert parse_period(text, BY_DECREE) is None


def test_the_date_of_a_signature_is_no_period() -> None:
    assert not list(find_periods("Sơn Tây, ngày 16 tháng 4 năm 2022", BY_DECREE))
    assert not list(find_periods("Thông tư số 01/2020/TT-VPCP ngày 21 tháng 10 năm 2020", BY_DECREE))


def test_a_title_may_name_its_period_twice() -> None:
    title = "Kỳ báo cáo: Tháng 4 năm 2022 (Từ ngày 15/3/2022 đến ngày 14/4/2022)"
    assert {period.key for _, period in find_periods(title, BY_DECREE)} == {"2022-04"}
    assert {period.key for _, period in find_periods(title, BY_MONTH)} == {"2022-04", "2022-03-15/2022-04-14"}


def test_the_calendar_says_which_days_a_name_covers() -> None:
    assert (BY_DECREE.month(2022, 1).start, BY_DECREE.month(2022, 1).end) == (date(2021, 12, 15), date(2022, 1, 14))
    assert (BY_MONTH.month(2022, 2).start, BY_MONTH.month(2022, 2).end) == (date(2022, 2, 1), date(2022, 2, 28))
    assert BY_DECREE.month_on(date(2022, 4, 15)).key == "2022-05"


calendars = st.sampled_from([BY_DECREE, BY_MONTH, Calendar(20), Calendar(28)])
months = st.tuples(st.integers(2000, 2090), st.integers(1, 12))


@given(calendars, months, st.integers(1, 30))
def test_months_make_up_their_range_without_gap_or_overlap(
    calendar: Calendar, first: tuple[int, int], length: int
) -> None:
    last = divmod(12 * first[0] + first[1] - 1 + length - 1, 12)
    whole = calendar.months(first, (last[0], last[1] + 1))
    parts = calendar.months_of(whole)
    assert len(parts) == length
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert all(later.day_before == earlier.end for earlier, later in pairwise(parts))
    assert parse_period(whole.key, calendar) == whole


@given(st.text())
def test_any_text_is_a_period_or_none(text: str) -> None:
    parse_period(text, BY_DECREE)
    list(find_periods(text, BY_DECREE))
