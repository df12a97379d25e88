from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.model import Statement
from etl.parsing.counts import MOST, Count, CountProblem, parse_count


@pytest.mark.parametrize(
    "typed",
    [
        "1297",
        "1.297",
        "1,297",
        "1 297",
        "1\xa0297",
        "1\u202f297",
        "1\u2009297",
        "1'297",
        "1’297",
        " 1297 ",
        "'1297",
        "1.297,00",
        "1,297.0",
        "1297.0",
        "1297,00",
        "１２９７",
        "\u200b1297",
        1297,
        1297.0,
    ],
)
def test_a_number_is_read_however_it_is_typed(typed):
    assert parse_count(typed) == Count(1297, Statement.NUMBER)


@pytest.mark.parametrize(
    ("typed", "statement", "value"),
    [
        (None, Statement.BLANK, None),
        ("", Statement.BLANK, None),
        (" \u00a0", Statement.BLANK, None),
        ("-", Statement.DASH, 0),
        ("–", Statement.DASH, 0),
        (" — ", Statement.DASH, 0),
        ("không phát sinh", Statement.NONE_ARISEN, 0),
        ("Khong phat sinh.", Statement.NONE_ARISEN, 0),
        ("KPS", Statement.NONE_ARISEN, 0),
        (0, Statement.NUMBER, 0),
        ("0", Statement.NUMBER, 0),
    ],
)
def test_four_ways_to_say_nothing_stay_four(typed, statement, value):
    assert parse_count(typed) == Count(value, statement)


@pytest.mark.parametrize(
    ("typed", "problem", "probable"),
    [
        (1.297, CountProblem.DECIMALS, 1297),
        (1.29, CountProblem.DECIMALS, 1290),
        (98.81, CountProblem.DECIMALS, 98810),
        (0.5, CountProblem.DECIMALS, None),
        (12.3456, CountProblem.DECIMALS, None),
        ("1.29", CountProblem.DECIMALS, 1290),
        ("98,81", CountProblem.DECIMALS, None),
        ("0.297", CountProblem.DECIMALS, None),
        ("1.29.7", CountProblem.DECIMALS, None),
        (-5, CountProblem.NEGATIVE, 5),
        ("−5", CountProblem.NEGATIVE, 5),
        ("5-", CountProblem.NEGATIVE, 5),
        ("(5)", CountProblem.BRACKETS, 5),
        ("12 hồ sơ", CountProblem.WORDS, 12),
        ("khoảng 1.297", CountProblem.WORDS, 1297),
        ("12/15", CountProblem.WORDS, None),
        ("12²", CountProblem.WORDS, 12),
        ("nhiều", CountProblem.WORDS, None),
        (date(1903, 7, 20), CountProblem.DATE, 1297),
        (date(1900, 1, 12), CountProblem.DATE, 12),
        (datetime(1903, 7, 20), CountProblem.DATE, 1297),
        (date(2022, 4, 1), CountProblem.DATE, None),
        (time(0), CountProblem.DATE, 0),
        (timedelta(days=30), CountProblem.DATE, 30),
        ("#REF!", CountProblem.ERROR_VALUE, None),
        ("#DIV/0!", CountProblem.ERROR_VALUE, None),
        (float("nan"), CountProblem.ERROR_VALUE, None),
        (2.0**60, CountProblem.TOO_LARGE, None),
        (MOST + 1, CountProblem.TOO_LARGE, None),
        ("9" * 100, CountProblem.TOO_LARGE, None),
        ("0912345678", CountProblem.TOO_LARGE, None),
        (True, CountProblem.TRUTH_VALUE, None),
    ],
)
def test_what_is_no_count_is_a_problem_with_the_probable_number(typed, problem, probable):
    assert parse_count(typed) == Count(None, Statement.UNREADABLE, problem, probable)


moments = st.one_of(st.dates(), st.datetimes(), st.times(), st.timedeltas())
values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), moments)


@given(values)
def test_any_value_gets_an_answer_and_no_count_is_negative_or_made_up(value):
    count = parse_count(value)
    assert (count.problem is not None) == (count.statement is Statement.UNREADABLE)
    assert count.value is None or 0 <= count.value <= MOST
    assert count.probable is None or 0 <= count.probable <= MOST
    assert (count.value is None) == (count.statement in (Statement.BLANK, Statement.UNREADABLE))


@given(st.integers(0, MOST), st.sampled_from([".", ",", " ", "\u00a0", "\u202f", "'"]))
def test_thousands_separators_do_not_change_a_number(number, separator):
    assert parse_count(f"{number:,}".replace(",", separator)).value == number


@given(st.integers(1000, 999_999))
def test_a_decimal_that_a_spreadsheet_made_is_undone_and_never_used(number):
    count = parse_count(number / 1000)
    if number % 1000:
        assert (count.value, count.probable) == (None, number)
