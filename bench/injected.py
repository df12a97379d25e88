"""Slips of the hand as they are injected: what a hand may leave where a number was meant, every outcome alike.

Written apart from `etl.repairing.slips`, so that the search is not measured against its own picture of people.
"""

from collections.abc import Callable, Sequence

Outcomes = Callable[[int, Sequence[int]], list[int]]


def swapped(truth: int, _: Sequence[int]) -> list[int]:
    s = str(truth)
    return [int(s[:i] + s[i + 1] + s[i] + s[i + 2 :]) for i in range(len(s) - 1)]


def wrong_digit(truth: int, _: Sequence[int]) -> list[int]:
    s = str(truth)
    return [int(s[:i] + d + s[i + 1 :]) for i in range(len(s)) for d in "0123456789" if d != s[i]]


def missing_digit(truth: int, _: Sequence[int]) -> list[int]:
    s = str(truth)
    return [int(s[:i] + s[i + 1 :]) for i in range(len(s))] if len(s) > 1 else []


def doubled_digit(truth: int, _: Sequence[int]) -> list[int]:
    s = str(truth)
    return [int(s[: i + 1] + s[i:]) for i in range(len(s))]


def added_digit(truth: int, _: Sequence[int]) -> list[int]:
    s = str(truth)
    return [int(s[:i] + d + s[i:]) for i in range(len(s) + 1) for d in "0123456789"]


def zeros_lost(truth: int, _: Sequence[int]) -> list[int]:
    s = str(truth)
    core = s.rstrip("0")
    return [int(core + "0" * kept) for kept in range(len(s) - len(core))] if core else []


def copied(_: int, beside: Sequence[int]) -> list[int]:
    return list(beside)


TYPING: dict[str, Outcomes] = {
    "digits swapped": swapped,
    "one digit wrong": wrong_digit,
    "digit missing": missing_digit,
    "digit doubled": doubled_digit,
    "digit added": added_digit,
    "zeros lost": zeros_lost,
    "copied from beside": copied,
}


def outcomes(kind: str, truth: int, beside: Sequence[int]) -> list[int]:
    """List what a slip of this kind makes of a number; never the number itself."""
    return [typed for typed in TYPING[kind](truth, beside) if typed != truth]
