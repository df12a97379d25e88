"""What is proposed for a broken row, and the reason in words a clerk understands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from etl.forms import Constraint, Form
from etl.model import Report
from etl.repairing.hypotheses import Hypothesis
from etl.repairing.plans import Plan
from etl.repairing.slips import WORDS, Slip
from etl.wording import Words, cell_of, measure_words, number_words


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: what was typed and what was probably meant. `slip` is None where it was only computed from another."""

    position: int
    measure: str
    cell: str | None
    typed: int
    value: int
    slip: Slip | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Cells that were probably mistyped, after whose change every balance of the row holds.

    `computed` are the totals that then change too, where they are formulas. `share`: how sure, from 0 to 1.
    """

    changes: tuple[Change, ...]
    computed: tuple[Change, ...]
    share: float
    reason: Words

    def as_suggestion(self, *, language: str = "vi") -> dict[str, Any]:
        """Give the first change as a finding's suggestion; the reason names the others."""
        first = self.changes[0]
        reason = self.reason[0 if language == "vi" else 1]
        return {"measure": first.measure, "cell": first.cell, "value": first.value, "reason": reason}


@dataclass(frozen=True, slots=True)
class Repair:
    """What is proposed for a row: one change that clearly leads, or those that tie, or neither.

    `left_out`: how many dossiers were probably left out of a column, an honest gap. `blamed`: the rows that are wrong,
    where this one only sums them up. Nothing is ever applied.
    """

    position: int
    lead: Proposal | None
    candidates: tuple[Proposal, ...]
    left_out: int | None
    reason: Words
    blamed: tuple[int, ...] = ()

    def as_suggestion(self, *, language: str = "vi") -> dict[str, Any] | None:
        """Give the JSON form of a finding's suggestion. *Missing*: None where nothing is proposed."""
        if self.lead:
            return self.lead.as_suggestion(language=language)
        listed = [candidate.as_suggestion(language=language) for candidate in self.candidates]
        return {"either": listed} if len(listed) > 1 else None


@dataclass(frozen=True, slots=True)
class Support:
    """What else speaks for a change: the stocks of the periods before and after (*Missing*: NaN), and sums.

    `fits_total`: the total row is then the sum of its rows; `is_sum`: the row itself is then that sum.
    """

    before: float
    after: float
    fits_total: bool
    is_sum: bool


def compose_reason(repair: Repair, hint: Words | None) -> Repair:
    """Put into words what is proposed for a row as a whole."""
    if repair.lead:
        return replace(repair, reason=repair.lead.reason)
    if hint and not repair.candidates:
        return replace(repair, reason=hint)
    either = [candidate.reason for candidate in repair.candidates] + ([hint] if hint else [])
    if len(either) > 1:
        joined = tuple((" hoặc ", " or ")[i].join(words[i] for words in either) for i in (0, 1))
        return replace(repair, reason=(f"Có thể {joined[0]}", f"Possibly {joined[1]}"))
    return repair


def compose_blame(position: int, repairs: Sequence[Repair], lines: Sequence[int]) -> Repair:
    """Say of a sum that the rows under it are wrong; where it is one row, propose what is proposed for that."""
    blamed = tuple(repair.position for repair in repairs)
    listed = ", ".join(str(line) for line in lines)
    if len(repairs) == 1:
        vi, en = (words.split("; ")[0] for words in repairs[0].reason)  # the rest is told with the row itself
        reason = (
            f"sai theo dòng {listed}" + (f": {vi}" if vi else ""),
            f"wrong after row {listed}" + (f": {en}" if en else ""),
        )
        return replace(repairs[0], position=position, reason=reason, blamed=blamed)
    reason = (f"sai theo các dòng {listed}", f"wrong after rows {listed}")
    return Repair(position, None, (), None, reason, blamed)


def _join(between: str, words: Sequence[Words]) -> Words:
    return between.join(w[0] for w in words), between.join(w[1] for w in words)


def compose_left_out(form: Form, balance: str, gap: int) -> Words:
    """Say that dossiers were probably left out of a column, in the form's own words."""
    declared, amount = form.balance(balance), number_words(gap)
    return (
        f"còn {amount[0]} hồ sơ không nằm trong cột nào. {declared.gap_hint_vi}",
        f"{amount[1]} dossiers are in no column. {declared.gap_hint_en}",
    )


def compose_proposal(
    form: Form, report: Report, row: pd.Series, *, position: int, plan: Plan, typed: tuple[int, ...],
    hypothesis: Hypothesis, share: float, support: Support,
) -> Proposal:  # fmt: skip
    """Turn a hypothesis into changes of cells, with the reason."""
    slips = dict(hypothesis.mistyped)
    changed = [
        Change(position, m, cell_of(report, str(row["sheet"]), int(row["row"]), m), was, meant, slips.get(i))
        for i, (m, was, meant) in enumerate(zip(plan.measures, typed, hypothesis.meant, strict=True))
        if was != meant
    ]
    changes = tuple(change for change in changed if change.slip)
    computed = tuple(change for change in changed if not change.slip)
    words = _Words(form, report, dict(zip(plan.measures, hypothesis.meant, strict=True)))
    reason = words.reason(changes, computed, _mended(plan, typed, {c.measure for c in changed}), support)
    return Proposal(changes, computed, share, reason)


def _mended(plan: Plan, typed: tuple[int, ...], changed: set[str]) -> list[Constraint]:
    """List the constraints that were broken and now hold; the equations first."""
    counts = dict(zip(plan.measures, typed, strict=True))
    found = []
    for constraint in plan.judged:
        gap = sum(times * counts[m] for m, times in constraint.coefficients)
        if (gap != 0 if constraint.is_equation else gap < 0) and changed & {m for m, _ in constraint.coefficients}:
            found.append(constraint)
    return sorted(found, key=lambda c: not c.is_equation)


@dataclass(frozen=True, slots=True)
class _Words:
    """Knows the row as it was meant, to say why."""

    form: Form
    report: Report
    meant: dict[str, int]

    def reason(
        self, changes: Sequence[Change], computed: Sequence[Change], mended: list[Constraint], support: Support
    ) -> Words:
        several = len(changes) > 1
        what = [self._change_words(change, named=several) for change in changes]
        first = _join("; ", what)
        slips = {change.slip for change in changes}
        if several and len(slips) == 1 and next(iter(slips)) in (Slip.CELLS_SWAPPED, Slip.SHIFTED):
            first = self._rearranged_words(changes)
        then = [self._mended_words(constraint) for constraint in mended[:1]]
        if computed:
            then.insert(0, self._computed_words(computed))
        then += self._support_words(changes, computed, support)
        if not then:
            return first
        return (
            f"{first[0]}; khi đó {' và '.join(t[0] for t in then)}",
            f"{first[1]}; then {' and '.join(t[1] for t in then)}",
        )

    def _label(self, measure: str) -> Words:
        return measure_words(self.form, self.report, measure)

    def _change_words(self, change: Change, *, named: bool) -> Words:
        was, meant, label = number_words(change.typed), number_words(change.value), self._label(change.measure)
        how = WORDS[change.slip] if change.slip else ("", "")
        names = [f"{name} " if named else "" for name in label]
        return f"{names[0]}{was[0]} → {meant[0]}: {how[0]}", f"{names[1]}{was[1]} → {meant[1]}: {how[1]}"

    def _rearranged_words(self, changes: Sequence[Change]) -> Words:
        said = []
        for change in changes:
            was, meant, label = number_words(change.typed), number_words(change.value), self._label(change.measure)
            said.append((f"{label[0]} {was[0]} → {meant[0]}", f"{label[1]} {was[1]} → {meant[1]}"))
        listed, how = _join(", ", said), WORDS[changes[0].slip or Slip.OTHER]
        return f"{listed[0]}: {how[0]}", f"{listed[1]}: {how[1]}"

    def _mended_words(self, constraint: Constraint) -> Words:
        large, small = self._side(constraint.larger), self._side(constraint.smaller)
        if not constraint.is_equation:
            return f"{large[0]} không nhỏ hơn {small[0]}", f"{large[1]} is not less than {small[1]}"
        amount = number_words(sum(times * self.meant[m] for m, times in constraint.larger))
        is_sum = len(constraint.smaller) > 1
        vi = f"{small[0]} cộng lại đúng bằng {amount[0]}" if is_sum else f"{small[0]} đúng bằng {amount[0]}"
        en = f"{small[1]} add up to the {amount[1]}" if is_sum else f"{small[1]} is the {amount[1]}"
        return f"{vi} của {large[0]}", f"{en} of {large[1]}"

    def _side(self, side: Sequence[tuple[str, int]]) -> Words:
        labels = [self._label(m) for m, _ in side]
        vi, en = [label[0] for label in labels], [label[1] for label in labels]
        return _listed(vi, "và"), _listed(en, "and")

    def _computed_words(self, computed: Sequence[Change]) -> Words:
        said = []
        for change in computed:
            label, meant = self._label(change.measure), number_words(change.value)
            said.append((f"{label[0]} thành {meant[0]}", f"{label[1]} becomes {meant[1]}"))
        return _join(", ", said)

    def _support_words(self, changes: Sequence[Change], computed: Sequence[Change], support: Support) -> list[Words]:
        changed = {change.measure for change in (*changes, *computed)}
        found: list[Words] = []
        if support.fits_total:
            found.append(("các dòng cộng lại đúng bằng dòng tổng", "the rows add up to the total row"))
        if support.is_sum:
            found.append(("dòng tổng đúng bằng các dòng cộng lại", "the total row is the sum of its rows"))
        for roll in self.form.roll_forwards[:1]:
            if roll.opening in changed and self.meant[roll.opening] == support.before:
                label = self._label(roll.opening)
                found.append((f"{label[0]} khớp với kỳ trước", f"{label[1]} agrees with the previous period"))
            if roll.closing in changed and self.meant[roll.closing] == support.after:
                label = self._label(roll.closing)
                found.append((f"{label[0]} khớp với kỳ sau", f"{label[1]} agrees with the next period"))
        return found


def _listed(names: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
