"""Slips of the hand: what each leaves, and that the likelier ones weigh more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.repairing.slips import RATES, WORDS, Slip, find_truths, slip_rate

numbers = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("truth", "typed", "slip"),
    [
        (6957, 6975, Slip.SWAPPED),
        (128, 125, Slip.WRONG_DIGIT),
        (1297, 297, Slip.MISSING),
        (1297, 12297, Slip.DOUBLED),
        (1297, 12497, Slip.ADDED),
        (1200, 12, Slip.ZEROS),
        (1297, 1, Slip.ZEROS),  # what a thousands separator stood behind was cut off
        (12, 12000, Slip.ZEROS),
        (12, -12, Slip.SIGN),
        (510535, 510541, Slip.TWO_DIGITS),
        (3, 812, Slip.OTHER),
    ],
)
def test_names_the_slip(truth: int, typed: int, slip: Slip) -> None:
    assert slip_rate(truth, typed)[1] is slip


def test_a_number_from_beside_explains_what_digits_do_not() -> None:
    assert slip_rate(40, 812, beside=[3, 812])[1] is Slip.COPIED
    assert slip_rate(40, 812, totals=[812])[1] is Slip.OTHER_TOTAL
    assert slip_rate(6957, 6975, beside=[6975])[1] is Slip.SWAPPED
    assert slip_rate(6957, 6975, beside=[6975])[0] > slip_rate(6957, 6975)[0]


def test_a_swap_is_far_likelier_than_a_number_from_nowhere() -> None:
    assert slip_rate(6957, 6975)[0] > 1000 * slip_rate(0, 18)[0]


@given(numbers, numbers)
def test_every_pair_has_a_rate_and_every_slip_words(truth: int, typed: int) -> None:
    rate, slip = slip_rate(truth, typed)
    assert 0 < rate < 1
    assert all(WORDS[slip])
    assert set(WORDS) == set(RATES) == set(Slip)


@given(numbers)
def test_every_slip_of_a_digit_can_be_undone(typed: int) -> None:
    truths = find_truths(typed)
    assert typed not in truths
    assert truths == sorted(set(truths))
    likely = [truth for truth in truths if slip_rate(truth, typed)[1] not in (Slip.OTHER, Slip.TWO_DIGITS)]
    assert len(likely) > len(truths) / 2
