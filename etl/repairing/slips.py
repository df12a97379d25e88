"""How likely a slip of the hand is: from the number that was meant to the number that was typed.

The rates are relative to one another, for a cell that is known to be wrong. Nobody has counted them for clerks; in
studies of typed numbers one digit wrong is the most frequent, then digits swapped, missing or added. What is proposed
hardly depends on their exact values (`python -m bench.verdicts` injects every kind as often as any other).
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

Words = tuple[str, str]


class Slip(StrEnum):
    """How a cell, or several, came to hold what was not meant."""

    SWAPPED = "swapped"
    WRONG_DIGIT = "wrong_digit"
    MISSING = "missing"
    DOUBLED = "doubled"
    ADDED = "added"
    ZEROS = "zeros"
    SIGN = "sign"
    COPIED = "copied"
    OTHER_TOTAL = "other_total"
    TWO_DIGITS = "two_digits"
    OTHER = "other"
    CELLS_SWAPPED = "cells_swapped"
    SHIFTED = "shifted"


RATES = {
    Slip.SWAPPED: 0.15,
    Slip.WRONG_DIGIT: 0.25,
    Slip.MISSING: 0.13,
    Slip.DOUBLED: 0.09,
    Slip.ADDED: 0.09,
    Slip.ZEROS: 0.10,
    Slip.SIGN: 0.05,
    Slip.COPIED: 0.10,
    Slip.OTHER_TOTAL: 0.02,
    Slip.TWO_DIGITS: 0.01,
    Slip.OTHER: 0.0002,
    Slip.CELLS_SWAPPED: 0.04,
    Slip.SHIFTED: 0.004,
}

WORDS: dict[Slip, Words] = {
    Slip.SWAPPED: ("hai chữ số liền nhau bị đổi chỗ", "two neighbouring digits were swapped"),
    Slip.WRONG_DIGIT: ("gõ sai một chữ số", "one digit was mistyped"),
    Slip.MISSING: ("gõ thiếu một chữ số", "a digit was left out"),
    Slip.DOUBLED: ("gõ lặp một chữ số", "a digit was typed twice"),
    Slip.ADDED: ("gõ thừa một chữ số", "a digit too many was typed"),
    Slip.ZEROS: ("sai số chữ số 0 ở cuối", "zeros at the end were lost or added"),
    Slip.SIGN: ("gõ nhầm dấu âm", "a minus sign was typed"),
    Slip.COPIED: ("chép nhầm số của ô bên cạnh", "the number of a neighbouring cell was copied"),
    Slip.OTHER_TOTAL: ("chép nhầm số tổng của nhóm cột khác", "the total of another block was typed"),
    Slip.TWO_DIGITS: ("gõ sai hai chữ số", "two digits were mistyped"),
    Slip.OTHER: ("ghi nhầm số", "another number was typed"),
    Slip.CELLS_SWAPPED: ("số của hai ô bị đổi chỗ cho nhau", "the numbers of two cells were swapped"),
    Slip.SHIFTED: ("các số bị ghi lệch sang cột bên cạnh", "the numbers were typed one column off"),
}

_NEEDS_A_MODEL = (Slip.COPIED, Slip.OTHER_TOTAL)  # told only where the digits themselves say nothing
_KEYPAD = {
    0: "12", 1: "0245", 2: "01345", 3: "256", 4: "1578", 5: "1234678", 6: "3589", 7: "458", 8: "45679", 9: "568",
}  # fmt: skip
_NEAR_KEYS = 0.5  # the part of wrong digits that lie beside the right one on a keypad
_LOG_RANGE = 10.0  # counts spread about evenly over the sizes 1 to some ten thousands


def size_rate(number: int) -> float:
    """Give how likely a count is this very number, knowing nothing but that small ones are more frequent."""
    return 1.0 / (_LOG_RANGE * (abs(number) + 1))


def slip_rate(
    truth: int, typed: int, *, beside: Sequence[int] = (), totals: Sequence[int] = (), usual: float = 1.0
) -> tuple[float, Slip]:
    """Give how likely a hand that meant `truth` leaves `typed`, and which slip explains that best.

    `beside` are the numbers in the neighbouring cells, `totals` those of other blocks of the row. Where nothing of
    the truth is left in what was typed, it may be anything: `usual` says how likely it is then.
    """
    rates = dict(_by_digits(truth).get(typed, ()))
    if typed < 0 and truth == -typed:
        rates[Slip.SIGN] = RATES[Slip.SIGN]
    if beside and typed in beside:
        rates[Slip.COPIED] = usual * RATES[Slip.COPIED] * beside.count(typed) / len(beside)
    elif typed in totals:
        rates[Slip.OTHER_TOTAL] = usual * RATES[Slip.OTHER_TOTAL] * totals.count(typed) / len(totals)
    if not rates and (two := _two_digits(truth, typed)):
        rates[Slip.TWO_DIGITS] = two
    best = max(rates, key=lambda slip: (slip not in _NEEDS_A_MODEL, rates[slip], slip), default=Slip.OTHER)
    return sum(rates.values()) + usual * RATES[Slip.OTHER] * size_rate(typed), best


def find_truths(typed: int) -> list[int]:
    """Find what may have been meant: every slip of one digit can be undone by a slip."""
    return sorted({0, *_by_digits(abs(typed)), *([abs(typed)] if typed < 0 else [])} - {typed})


@lru_cache(maxsize=32768)
def _by_digits(truth: int) -> dict[int, dict[Slip, float]]:
    """List what slips of one digit make of a number, with their rates."""
    if truth < 0:
        return {}
    digits = str(truth)
    found: dict[int, dict[Slip, float]] = {}
    for slip, typed, share in _slips_of(digits):
        if int(typed) != truth:
            rates = found.setdefault(int(typed), {})
            rates[slip] = rates.get(slip, 0.0) + RATES[slip] * share
    return found


def _slips_of(digits: str) -> list[tuple[Slip, str, float]]:
    """List the slips of one digit: which, what it leaves, and its part among the slips of its kind."""
    n = len(digits)
    places = range(n)
    swaps = [i for i in range(n - 1) if digits[i] != digits[i + 1]]
    found = [(Slip.SWAPPED, digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :], 1 / len(swaps)) for i in swaps]
    for i in places:
        near = _KEYPAD[int(digits[i])]
        for other in "0123456789":
            share = (_NEAR_KEYS / len(near) if other in near else 0.0) + (1 - _NEAR_KEYS) / 9
            found.append((Slip.WRONG_DIGIT, digits[:i] + other + digits[i + 1 :], share / n))
    found += [(Slip.MISSING, digits[:i] + digits[i + 1 :], 1 / n) for i in places if n > 1]
    found += [(Slip.DOUBLED, digits[: i + 1] + digits[i:], 1 / n) for i in places]
    found += [
        (Slip.ADDED, digits[:i] + other + digits[i:], 1 / (10 * (n + 1)))
        for i in range(n + 1)
        for other in "0123456789"
    ]
    return found + _zero_slips(digits)


def _zero_slips(digits: str) -> list[tuple[Slip, str, float]]:
    """Lose the zeros at the end, or as many as a thousands separator stands before; or add them."""
    stripped = digits.rstrip("0")
    lost = [stripped + "0" * kept for kept in range(len(digits) - len(stripped))] if stripped else []
    added = [digits + zeros for zeros in ("0", "00", "000")] if stripped else []
    cut = [digits[:-3]] if len(digits) > 3 and digits[-3:] != "000" else []
    outcomes = lost + added + cut
    return [(Slip.ZEROS, typed, 1 / len(outcomes)) for typed in outcomes]


def _two_digits(truth: int, typed: int) -> float:
    """Give the rate of two wrong digits in one number of the same length."""
    meant, left = str(truth), str(typed)
    if truth < 0 or typed < 0 or len(meant) != len(left):
        return 0.0
    wrong = sum(a != b for a, b in zip(meant, left, strict=True))
    pairs = len(meant) * (len(meant) - 1) / 2
    return RATES[Slip.TWO_DIGITS] / (pairs * 81) if wrong == 2 and len(meant) > 2 else 0.0
