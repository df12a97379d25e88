"""Columns taken for one another, stocks counted where they do not belong, rounded figures."""

from collections.abc import Iterator
from itertools import combinations
from math import comb

from etl.comparing.comparison import CauseKind, Counts, Words
from etl.comparing.hypotheses import Case, Hypothesis
from etl.forms import Balance, Form

_SWAPPED_RATE, _CARRIED_RATE, _PENDING_RATE, _ROUNDED_RATE = 0.1, 0.03, 0.04, 0.03
_STEPS = (10, 100, 1000)


def find_column_hypotheses(case: Case) -> Iterator[Hypothesis]:
    """Give what the columns of the row itself can explain."""
    yield from _swapped(case)
    yield from _carried_over(case)
    yield from _pending(case)
    yield from _rounded(case)


def _swapped(case: Case) -> Iterator[Hypothesis]:
    """Two columns taken for one another; half of the time they stand beside each other."""
    columns = list(case.printed)
    for one, other in combinations(case.differing, 2):
        labels = [case.form.measure(m) for m in (one, other)]
        words = (
            f"số của hai cột “{labels[0].label_vi}” và “{labels[1].label_vi}” bị đổi chỗ cho nhau",
            f"the numbers of “{labels[0].label_en}” and “{labels[1].label_en}” were swapped",
        )
        figures = {one: case.figures[other], other: case.figures[one]}
        is_beside = abs(columns.index(one) - columns.index(other)) == 1
        ways = len(columns) - 1 if is_beside else comb(len(columns), 2)
        yield Hypothesis(CauseKind.COLUMNS_SWAPPED, words, figures, _SWAPPED_RATE / 2 / ways)


def _carried_over(case: Case) -> Iterator[Hypothesis]:
    """An opening stock counted in, left out, or counted twice where it is part of a total."""
    openings = {roll.opening for roll in case.form.roll_forwards}
    for balance in case.form.balances:
        parts = [part for part in balance.parts if part not in openings]
        stock = next((part for part in balance.parts if part in openings), None)
        known = {balance.total, stock, *parts} <= case.figures.keys()
        if stock is None or len(parts) != 1 or not known or not case.figures[stock]:
            continue
        total, flow, opening = (case.figures[m] for m in (balance.total, parts[0], stock))
        terms = ((_label(case.form, stock), dict.fromkeys((balance.total, *parts), opening)),)
        left_out = ("chưa cộng số từ kỳ trước chuyển qua", "what was carried over is not counted in")
        counted_in = ("đã gộp cả số từ kỳ trước chuyển qua", "what was carried over is counted in")
        twice = ("số từ kỳ trước chuyển qua bị cộng hai lần", "what was carried over is counted twice")
        said: list[tuple[Words, Counts]] = [
            (left_out, {balance.total: flow}),
            (counted_in, {parts[0]: total}),
            (twice, {balance.total: total + opening}),
            (twice, {balance.total: total + opening, parts[0]: total}),
        ]
        for words, figures in said:
            yield Hypothesis(CauseKind.CARRIED_OVER, words, figures, _CARRIED_RATE / len(said), terms)


def _pending(case: Case) -> Iterator[Hypothesis]:
    """What is still held, counted among what was resolved."""
    words = ("đã gộp cả hồ sơ đang giải quyết", "what is still pending is counted in")
    closings = {roll.closing for roll in case.form.roll_forwards}
    for balance in case.form.balances:
        closing = next((part for part in balance.parts if part in closings), None)
        done = next((part for part in balance.parts if part not in closings), None)
        if closing is None or done is None or not {closing, done} <= case.figures.keys():
            continue
        ways = list(_ways_counted_in(case, done, closing))
        terms = ((_label(case.form, closing), dict.fromkeys(case.figures, case.figures[closing])),)
        for figures in ways:
            yield Hypothesis(CauseKind.PENDING_IN_RESOLVED, words, figures, _PENDING_RATE / len(ways), terms)


def _ways_counted_in(case: Case, done: str, closing: str) -> Iterator[Counts]:
    held, total = case.figures[closing], {done: case.figures[done] + case.figures[closing]}
    parts, kinds = _parts(case.form, done), _parts(case.form, closing)
    yield total
    for part in parts:
        if part in case.figures:
            yield total | {part: case.figures[part] + held}
            yield {part: case.figures[part] + held}
    pairs = list(zip(parts, kinds, strict=False))
    if len(parts) == len(kinds) and {*parts, *kinds} <= case.figures.keys():
        yield total | {part: case.figures[part] + case.figures[kind] for part, kind in pairs}


def _parts(form: Form, total: str) -> tuple[str, ...]:
    found: Balance | None = next((b for b in form.balances if b.total == total), None)
    return found.parts if found else ()


def _rounded(case: Case) -> Iterator[Hypothesis]:
    """The whole row, or one number of it, rounded or cut off to tens, hundreds or thousands."""
    for step in _STEPS:
        vi, en = f"{step:,}".replace(",", "."), f"{step:,}"
        for half, words in (
            (step // 2, (f"số đã làm tròn đến {vi}", f"rounded to {en}")),
            (0, (f"số đã bị cắt đến {vi}", f"cut off to {en}")),
        ):
            figures = {m: (c + half) // step * step for m, c in case.figures.items() if c >= step}
            changed = [m for m in case.differing if figures.get(m) == case.printed[m]]
            rate = _ROUNDED_RATE / (2 * len(_STEPS))
            yield Hypothesis(CauseKind.ROUNDED, words, figures, rate)
            if len(changed) < len(case.printed):
                for m in changed:
                    yield Hypothesis(CauseKind.ROUNDED, words, {m: case.printed[m]}, rate / len(case.printed))


def _label(form: Form, name: str) -> Words:
    measure = form.measure(name)
    return measure.label_vi, measure.label_en
