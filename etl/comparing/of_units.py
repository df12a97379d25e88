"""Wards left out, counted twice or sent back; lines taken for one another."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np

from etl.comparing.comparison import CauseKind, Counts, Words
from etl.comparing.hypotheses import Case, Hypothesis, added, same

MOST_MISSING = 3
_MOST_SETS = 400_000  # beyond it a set fits by chance anyway
_MOST_NAMED = 50  # of the sets that fit one column: too many to name anyway
_ONE_COLUMN = 0.2  # how much rarer it is that wards are missing from one column, and not from the row
_MISSING_RATES = (0.06, 0.02, 0.01)  # one ward, two, three
_TWICE_RATE, _LINE_RATE, _SENT_BACK_RATE = 0.03, 0.04, 0.03

LINE_WORDS: dict[str, Words] = {
    "wards": ("các xã, phường cộng lại", "the wards together"),
    "desk": ("bộ phận một cửa của thị xã", "the town's own desk"),
    "town": ("toàn thị xã", "the whole town"),
}
_CONTAINING = ("wards", "desk")  # lines that are part of the town's


def find_unit_hypotheses(case: Case) -> Iterator[Hypothesis]:
    """Give what wards and lines can explain."""
    yield from _missing(case)
    for name, counts in case.units.items():
        words = (f"số liệu của {name} bị cộng hai lần", f"{name} was counted twice")
        rate = _TWICE_RATE / len(case.units)
        yield Hypothesis(CauseKind.WARD_TWICE, words, added(case, counts), rate, ((same(name), counts),))
    for name, counts in (case.sent_back or {}).items():
        words = (f"đã cộng báo cáo bị trả lại của {name}", f"the report of {name} that was sent back was counted")
        rate = _SENT_BACK_RATE / len(case.sent_back or {})
        yield Hypothesis(CauseKind.SENT_BACK, words, added(case, counts), rate, ((same(name), counts),))
    yield from _other_lines(case)


def _missing(case: Case) -> Iterator[Hypothesis]:
    """Give the sets of wards without which the row, all but one number of it, or one column is what was printed."""
    names, measures = list(case.units), [m for m in case.printed if all(m in c for c in case.units.values())]
    if not names or not measures:
        return
    table = np.array([[case.units[name][m] for m in measures] for name in names], dtype=np.int64)
    wanted = np.array([case.figures[m] - case.printed[m] for m in measures], dtype=np.int64)
    for size in range(1, min(MOST_MISSING, len(names) - 1) + 1):
        sets = comb(len(names), size)
        if sets > _MOST_SETS:
            return
        chosen = np.array(list(combinations(range(len(names)), size)))
        values, rate = table[chosen], _MISSING_RATES[size - 1] / sets
        is_real = values.any(axis=2).all(axis=1)  # a ward that says 0 adds nothing to a set
        matches = values.sum(axis=1) == wanted
        for row in chosen[is_real & (matches.sum(axis=1) >= len(measures) - 1)]:
            yield _without(case, [names[i] for i in row], rate)
        for at in np.flatnonzero(wanted) if len(measures) > 1 else ():
            is_here = matches[:, at] & (values[:, :, at] != 0).all(axis=1)
            for row in chosen[is_here][:_MOST_NAMED]:
                yield _without_in(case, [names[i] for i in row], measures[at], rate * _ONE_COLUMN)


def _without_in(case: Case, names: list[str], measure: str, rate: float) -> Hypothesis:
    """Wards missing from the sum of one column only."""
    whole = _without(case, names, rate)
    words = (f"{whole.words[0]} ở riêng cột này", f"{whole.words[1]} in this column alone")
    return replace(whole, words=words, figures={measure: case.printed[measure]})


def _without(case: Case, names: list[str], rate: float) -> Hypothesis:
    listed = tuple((same(name), case.units[name]) for name in names)
    counts = {m: sum(c[m] for _, c in listed) for m in case.figures if all(m in c for _, c in listed)}
    vi, en = " và ".join(names), " and ".join(names)
    words = (f"thiếu số liệu của {vi}", f"without {en}")
    return Hypothesis(CauseKind.WARDS_MISSING, words, added(case, counts, -1), rate, listed)


def _other_lines(case: Case) -> Iterator[Hypothesis]:
    """The district's row that already contains its wards, the reverse, and rows taken for one another."""
    rate = _LINE_RATE / max(1, len(case.lines))
    for name, counts in case.lines.items():
        vi, en = LINE_WORDS.get(name, same(name))
        words = (f"đây là số liệu của {vi}", f"these are the figures of {en}")
        if name == "town" and case.line.scope in _CONTAINING:
            other = LINE_WORDS[next(scope for scope in _CONTAINING if scope != case.line.scope)]
            words = (f"đã gộp cả {other[0]}: đây là số liệu {vi}", f"{other[1]} are counted in: this is {en}")
        yield Hypothesis(CauseKind.OTHER_LINE, words, _known(case, counts), rate)
        if case.line.scope == "town":
            doubled = (f"số liệu của {vi} bị cộng hai lần", f"{en}: counted twice")
            terms = (((vi, en), counts),)
            yield Hypothesis(CauseKind.LINE_TWICE, doubled, added(case, counts), rate, terms)


def _known(case: Case, counts: Counts) -> Counts:
    return {m: counts[m] for m in case.figures if m in counts}
