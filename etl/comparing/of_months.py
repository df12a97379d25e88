"""Months left out or counted twice, stocks added up over months or taken from another one."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from etl.comparing.comparison import CauseKind, Counts, Words
from etl.comparing.hypotheses import Case, Hypothesis
from etl.comparing.yardstick import span_counts
from etl.forms import OverTime
from etl.model import Language
from etl.phrases import name_period

_RUN_RATE, _MISSING_RATE, _TWICE_RATE = 0.05, 0.03, 0.02
_SUMMED_RATE, _STOCK_RATE, _OTHER_RATE = 0.06, 0.03, 0.02
_STOCKS = (OverTime.OPENING, OverTime.CLOSING)


def find_month_hypotheses(case: Case) -> Iterator[Hypothesis]:
    """Give what the months of the row's period can explain, and other months taken for them."""
    if len(case.months) > 1:
        yield from _runs(case)
        yield from _left_out(case)
        yield from _doubled(case)
        yield from _summed(case)
        yield from _stocks_of_others(case)
    for key, counts in case.others.items():
        vi, en = _said([key])
        words = (f"đây là số liệu của {vi}", f"these are the figures of {en}")
        yield Hypothesis(CauseKind.OTHER_MONTHS, words, _inside(case, counts), _OTHER_RATE / len(case.others))


def _runs(case: Case) -> Iterator[Hypothesis]:
    """Only some of the months, one after the other."""
    keys = list(case.months)
    runs = [keys[a:b] for a, b in combinations(range(len(keys) + 1), 2) if b - a < len(keys)]
    for run in runs:
        vi, en = _said(run)
        words = (f"chỉ có số liệu {vi}", f"only the figures of {en}")
        counts = span_counts(case.form, [case.months[key] for key in run])
        yield Hypothesis(CauseKind.MONTH_MISSING, words, _inside(case, counts), _RUN_RATE / len(runs))


def _left_out(case: Case) -> Iterator[Hypothesis]:
    """A month missing from the sums, while the stocks are those of the whole period."""
    for key, counts in case.months.items():
        vi, en = _said([key])
        words = (f"thiếu số liệu {vi}", f"without {en}")
        figures = _with_flows(case, counts, -1)
        rate = _MISSING_RATE / len(case.months)
        yield Hypothesis(CauseKind.MONTH_MISSING, words, figures, rate, (((vi, en), counts),))


def _doubled(case: Case) -> Iterator[Hypothesis]:
    for key, counts in case.months.items():
        vi, en = _said([key])
        words = (f"số liệu {vi} bị cộng hai lần", f"{en} was counted twice")
        rate = _TWICE_RATE / len(case.months)
        for figures in (_with_flows(case, counts, 1), _with_flows(case, counts, 1) | _totals_added(case, counts)):
            yield Hypothesis(CauseKind.MONTH_TWICE, words, figures, rate, (((vi, en), counts),))


def _summed(case: Case) -> Iterator[Hypothesis]:
    """Stocks, or the totals they are in, added up over the months as if they were flows."""
    kinds = (*_STOCKS, OverTime.DERIVED)
    choices = [choice for choice in product((False, True), repeat=len(kinds)) if any(choice)]
    terms = tuple((_said([key]), counts) for key, counts in case.months.items())
    words = ("tồn của từng tháng bị cộng dồn như số phát sinh", "the stocks of the months were added up as if new")
    for choice in choices:
        chosen = {kind for kind, is_chosen in zip(kinds, choice, strict=True) if is_chosen}
        names = [m.name for m in case.form.measures if m.over_time in chosen and m.name in case.figures]
        figures = {m: sum(c[m] for _, c in terms) for m in names if all(m in c for _, c in terms)}
        yield Hypothesis(CauseKind.STOCKS_SUMMED, words, figures, _SUMMED_RATE / len(choices), terms)


def _stocks_of_others(case: Case) -> Iterator[Hypothesis]:
    """The opening stock of a later month, or the closing stock of an earlier one."""
    keys = list(case.months)
    rate = _STOCK_RATE / (2 * len(keys) - 2)
    for kind, others in ((OverTime.OPENING, keys[1:]), (OverTime.CLOSING, keys[:-1])):
        names = [m.name for m in case.form.measures if m.over_time is kind and m.name in case.figures]
        for key in others:
            vi, en = _said([key])
            end = ("đầu", "opening") if kind is OverTime.OPENING else ("cuối", "closing")
            words = (f"đây là tồn {end[0]} {vi}", f"this is the {end[1]} stock of {en}")
            figures = {m: case.months[key][m] for m in names if m in case.months[key]}
            yield Hypothesis(CauseKind.STOCK_OF_ANOTHER_MONTH, words, figures, rate)
            followed = figures | _totals_following(case, figures)
            yield Hypothesis(CauseKind.STOCK_OF_ANOTHER_MONTH, words, followed, rate)


def _with_flows(case: Case, counts: Counts, times: int) -> dict[str, int]:
    flows = [m.name for m in case.form.measures if m.over_time is OverTime.FLOW]
    figures = {m: case.figures[m] + times * counts[m] for m in flows if m in case.figures and m in counts}
    return figures | _totals_following(case, figures)


def _totals_following(case: Case, figures: Counts) -> dict[str, int]:
    """Give the derived totals that follow from changed figures, each by the balance that defines it."""
    found: dict[str, int] = {}
    for measure in case.form.measures:
        parts = next((b.parts for b in case.form.balances if b.total == measure.name), ())
        if measure.over_time is OverTime.DERIVED and measure.name in case.figures and set(parts) & figures.keys():
            known = {m: figures.get(m, case.figures.get(m)) for m in parts}
            if all(count is not None for count in known.values()):
                found[measure.name] = sum(count or 0 for count in known.values())
    return found


def _totals_added(case: Case, counts: Counts) -> dict[str, int]:
    derived = [m.name for m in case.form.measures if m.over_time is OverTime.DERIVED]
    return {m: case.figures[m] + counts[m] for m in derived if m in case.figures and m in counts}


def _inside(case: Case, counts: Counts) -> dict[str, int]:
    return {m: counts[m] for m in case.figures if m in counts}


def _said(keys: Sequence[str]) -> Words:
    """Name a run of months."""
    key = keys[0] if len(keys) == 1 else f"{keys[0]}/{keys[-1]}"
    return name_period(key, Language.VI), name_period(key, Language.EN)
