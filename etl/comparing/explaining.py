"""Weighing what may have made a row differ: one cause for all its numbers, one for each, or none that we know.

Each explanation weighs as much as it happens, times how likely it then leaves these very numbers. Beside them stands
the unknown: any other number of about this size. What does not outweigh it clearly is not said to be sure, so that a
set of wards that fits by chance, as one of hundreds does with one small difference, is named by nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from etl.comparing.comparison import Cause, CauseKind, Words
from etl.comparing.hypotheses import Case, Hypothesis
from etl.comparing.of_columns import find_column_hypotheses
from etl.comparing.of_months import find_month_hypotheses
from etl.comparing.of_publications import find_publication_hypotheses
from etl.comparing.of_slips import find_slip, find_slip_hypotheses
from etl.comparing.of_units import find_unit_hypotheses
from etl.repairing.slips import WORDS
from etl.wording import number_words

_UNKNOWN = 0.02  # how often it is something nobody thought of
_SURE = 0.95  # the share of all explanations that those named must have
_CLOSE = 10.0  # what weighs less than a tenth of the best is not named beside it
_FAINT = 2.0  # how much the best must outweigh the unknown to be named at all
_MOST_NAMED = 3
_MOST_TERMS = 12
_FINDERS = (
    find_slip_hypotheses, find_unit_hypotheses, find_month_hypotheses, find_column_hypotheses,
    find_publication_hypotheses,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Account:
    """One explanation of a row: a cause of all or all but one of its differences, or (None) of each its own."""

    weight: float
    causes: Mapping[str, tuple[Cause, ...]]
    hypothesis: Hypothesis | None = None


def explain(case: Case) -> Mapping[str, tuple[Cause, ...]]:
    """Give for each differing measure its causes: none, one, or several that explain it alike."""
    found = _merged(case, [hypothesis for find in _FINDERS for hypothesis in find(case)])
    unknown = _unknown({m: _gap(case, m) for m in case.differing})
    single = _one_by_one(case, found)
    wholes = [account for h in found if (account := _as_whole(case, h))]
    accounts = sorted([*wholes, *([single] if any(single.causes.values()) else [])], key=lambda a: -a.weight)
    if not accounts or accounts[0].weight < _FAINT * unknown:
        return {}
    named = [account for account in accounts if account.weight * _CLOSE >= accounts[0].weight]
    total = unknown + sum(account.weight for account in accounts)
    is_sure = sum(account.weight for account in named) >= _SURE * total
    return {m: _listed([c for a in named for c in a.causes.get(m, ())], is_sure=is_sure) for m in case.differing}


def _merged(case: Case, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Keep what explains any number of the row; ways that come to the same are one, as frequent as all of them."""
    found: dict[object, Hypothesis] = {}
    for hypothesis in hypotheses:
        changed = {m: c for m, c in hypothesis.figures.items() if m in case.printed and c != case.figures[m]}
        explained = tuple(m for m, count in changed.items() if count == case.printed[m])
        if not explained:
            continue
        key = hypothesis.kind, hypothesis.words, tuple(sorted(changed.items()))
        rate = hypothesis.rate + (found[key].rate if key in found else 0.0)
        found[key] = replace(hypothesis, figures=changed, rate=rate, explained=explained)
    return list(found.values())


def _as_whole(case: Case, hypothesis: Hypothesis) -> _Account | None:
    """Take a hypothesis for the row if it explains two numbers, and at most one is left that is another's doing."""
    rest = {m: hypothesis.figures.get(m, case.figures[m]) for m in case.printed}
    rest = {m: count for m, count in rest.items() if count != case.printed[m]}
    if len(hypothesis.explained) < 2 or len(rest) > 1:
        return None
    weight, causes = hypothesis.rate, dict.fromkeys(hypothesis.explained, (_cause(case, hypothesis),))
    for measure, expected in rest.items():
        rate, slip = find_slip(case, measure, expected)
        unknown = _unknown({measure: case.printed[measure] - expected})
        weight *= max(rate, unknown)
        if rate > _FAINT * unknown:
            numbers = number_words(expected), number_words(case.printed[measure])
            vi, en = (f"{numbers[0][i]} → {numbers[1][i]}: {WORDS[slip][i]}" for i in (0, 1))
            causes[measure] = (Cause(CauseKind.SLIP, vi, en, (measure,), is_sure=_is_sure(rate, unknown)),)
    return _Account(weight, causes, hypothesis)


def _one_by_one(case: Case, hypotheses: Sequence[Hypothesis]) -> _Account:
    """Explain each number by itself, where anything does."""
    causes: dict[str, tuple[Cause, ...]] = {}
    weights: list[float] = []
    left: dict[str, int] = {}
    for measure in case.differing:
        gap = {measure: _gap(case, measure)}
        own = sorted((h for h in hypotheses if set(h.figures) == {measure}), key=lambda h: -h.rate)
        named = [h for h in own if h.rate * _CLOSE >= own[0].rate and h.rate >= _FAINT * _unknown(gap)]
        everything = _unknown(gap) + sum(h.rate for h in own)
        is_sure = sum(h.rate for h in named) >= _SURE * everything
        causes[measure] = _listed([_cause(case, h) for h in named], is_sure=is_sure)
        if named:
            weights.append(sum(h.rate for h in named))
        else:
            left |= gap
    return _Account(prod(weights, start=_unknown(left)), causes)


def _gap(case: Case, measure: str) -> int:
    return case.printed[measure] - case.figures[measure]


def _unknown(gaps: Mapping[str, int]) -> float:
    """Give how likely something nobody thought of leaves these gaps.

    A gap that is the sum or difference of others, as totals make them, says nothing by itself.
    """
    sizes: set[int] = set()
    weight = _UNKNOWN if gaps else 1.0
    for size in sorted({abs(gap) for gap in gaps.values()}):
        if not any(size in (a + b, abs(a - b)) for a in sizes for b in sizes):
            weight /= 2 * (size + 1)
        sizes.add(size)
    return weight


def _is_sure(weight: float, others: float) -> bool:
    return weight >= _SURE * (weight + others)


def _listed(causes: Sequence[Cause], *, is_sure: bool) -> tuple[Cause, ...]:
    """Name at most three causes; of sets of wards none where several fit, or where one may fit by chance."""
    sets = [cause for cause in causes if cause.kind is CauseKind.WARDS_MISSING]
    others = [cause for cause in causes if cause.kind is not CauseKind.WARDS_MISSING]
    if len(sets) > 1 or (sets and not is_sure):
        measures = sets[0].measures
        several = (
            f"{len(sets)} tổ hợp xã, phường cùng cho đúng chênh lệch này: có thể là ngẫu nhiên, không nêu tên",
            f"{len(sets)} sets of wards make up this difference: it may be chance, so none is named",
        )
        sets = [Cause(CauseKind.SEVERAL, *several, measures, is_sure=False)]
    listed = [*others, *sets]
    if len(listed) > _MOST_NAMED:
        return ()
    return tuple(replace(cause, is_sure=cause.is_sure and is_sure) for cause in listed)


def _cause(case: Case, hypothesis: Hypothesis) -> Cause:
    """Say a hypothesis with its numbers, shown on the largest difference that it explains."""
    measures = hypothesis.explained
    lead = max(measures, key=lambda m: abs(_gap(case, m)))
    evidence = _evidence(case, hypothesis, lead)
    vi, en = (f"{hypothesis.words[i]} ({evidence[i]})" for i in (0, 1))
    if len(measures) > 1:
        vi = f"{vi}; khớp cả {len(measures)} số lệch của dòng"
        en = f"{en}; it fits {len(measures)} differing numbers of the row"
    return Cause(hypothesis.kind, vi, en, measures, is_sure=True)


def _evidence(case: Case, hypothesis: Hypothesis, measure: str) -> Words:
    label = case.form.measure(measure)
    names = (label.label_vi, label.label_en)
    was, now = number_words(case.figures[measure]), number_words(case.printed[measure])
    terms = [(words, number_words(counts[measure])) for words, counts in hypothesis.terms if measure in counts]
    said = [f"{names[i]} {was[i]} → {now[i]}" for i in (0, 1)]
    if terms and len(terms) <= _MOST_TERMS:
        said = [f"{said[i]}; " + ", ".join(f"{words[i]}: {number[i]}" for words, number in terms) for i in (0, 1)]
    return said[0], said[1]
