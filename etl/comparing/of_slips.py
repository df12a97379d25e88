"""Slips of the hand: in one number, and in one number that the totals then followed."""

from collections.abc import Iterator

from etl.comparing.comparison import CauseKind, Counts
from etl.comparing.hypotheses import Case, Hypothesis
from etl.repairing.slips import WORDS, Slip, slip_rate

_RATE = 0.3  # of a number that differs: mistyped, before anything else is known
_FOLLOWED = 0.3  # how often the totals are made from the mistyped number


def find_slip(case: Case, measure: str, truth: int) -> tuple[float, Slip]:
    """Give how likely a hand that meant `truth` left what is printed, and by which slip."""
    columns = list(case.printed)
    at = columns.index(measure)
    beside = [case.figures[m] for m in (*columns[max(0, at - 1) : at], *columns[at + 1 : at + 2])]
    rate, slip = slip_rate(truth, case.printed[measure], beside=beside)
    return (0.0 if slip is Slip.OTHER else _RATE * rate), slip


def find_slip_hypotheses(case: Case) -> Iterator[Hypothesis]:
    """Give the slip in each differing number, alone and with the totals made from it."""
    for measure in case.differing:
        rate, slip = find_slip(case, measure, case.figures[measure])
        if not rate:
            continue
        vi, en = WORDS[slip]
        yield Hypothesis(CauseKind.SLIP, (vi, en), {measure: case.printed[measure]}, rate)
        figures = _followed(case, measure)
        if len(figures) > 1:
            label = case.form.measure(measure)
            words = (
                f"“{label.label_vi}”: {vi}, rồi số tổng được cộng theo số sai đó",
                f"“{label.label_en}”: {en}, and the totals were made from it",
            )
            yield Hypothesis(CauseKind.SLIP, words, figures, rate * _FOLLOWED)


def _followed(case: Case, measure: str) -> Counts:
    """Give the figures with one as printed, and every total that is defined by it."""
    figures, totals = {measure: case.printed[measure]}, {b.total: b for b in reversed(case.form.balances)}
    for _ in totals:
        for total, balance in totals.items():
            if total in case.figures and set(balance.parts) & figures.keys() and total not in figures:
                by = sum(figures[p] - case.figures[p] for p in balance.parts if p in figures)
                figures[total] = case.figures[total] + by
    return figures
