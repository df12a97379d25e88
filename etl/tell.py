"""Put breaches into words: where they are, what was found, what was expected, what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from etl.forms import Constraint
from etl.model import Finding, Report
from etl.reference import Reference
from etl.repairing.proposals import Repair
from etl.rules import compose_finding
from etl.wording import Words, cell_of, measure_words, number_words, sum_words, where_words
from expectations.breaches import BalanceBreach


def tell_breaches(
    rule: str, breaches: Any, *, rows: pd.DataFrame, reports: Sequence[Report], reference: Reference
) -> Iterator[tuple[int, Finding]]:
    """Put what a rule found into words. *Shape*: the row's position in `rows`, and the finding."""
    teller = _Teller(rows, reports, reference)
    if rule.startswith("B."):
        for breach in breaches:
            yield from teller.tell_balance(rule, breach)
    elif rule == "T.total-row":
        yield from (teller.tell_total(*breach) for breach in breaches.itertuples(index=False))
    else:
        yield from (teller.tell_roll_forward(*breach) for breach in breaches.itertuples(index=False))


def with_proposal(finding: Finding, repair: Repair, *, language: str, is_first: bool) -> Finding:
    """Add to a finding what its row probably should be; the words only to the first finding of the row."""
    suggestion = repair.as_suggestion(language=language)
    proposed = replace(finding, suggestion=suggestion)
    if not is_first or not any(repair.reason):
        return proposed
    cell = suggestion.get("cell") if suggestion and repair.lead and not repair.blamed else None
    perhaps = (f"có lẽ ô {cell}: ", f"perhaps cell {cell}: ") if cell else ("", "")
    vi, en = (start + reason for start, reason in zip(perhaps, repair.reason, strict=True))
    return replace(
        proposed,
        message_vi=f"{finding.message_vi} {vi[:1].upper()}{vi[1:]}.",
        message_en=f"{finding.message_en} {en[:1].upper()}{en[1:]}.",
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    """Knows the rows, their reports and the form, to say where a breach is and what was found."""

    rows: pd.DataFrame
    reports: Sequence[Report]
    reference: Reference

    def tell_balance(self, rule: str, breach: BalanceBreach) -> Iterator[tuple[int, Finding]]:
        balance, constraint = self.reference.form.balance(rule.removeprefix("B.")), breach.constraint
        subject, times, others = _sides(constraint, balance.total)
        for position in breach.positions.tolist():
            row = self.rows.iloc[position]
            printed, limit = int(row[subject]), sum(c * int(row[m]) for m, c in others)
            gap = times * printed - limit
            words = self._balance_words(row, constraint, gap)
            if constraint.is_equation and gap > 0 and balance.gap_hint_vi:
                hint = (words["todo"][0] + " " + balance.gap_hint_vi, words["todo"][1] + " " + balance.gap_hint_en)
                words["todo"] = hint
            expected = str(max(limit // times, 0)) if limit % times == 0 else f"{limit}/{times}"
            said = expected if constraint.is_equation else f"≥ {expected}"
            yield position, self._finding(rule, row, subject, words=words, found=str(printed), expected=said)

    def _balance_words(self, row: pd.Series, constraint: Constraint, gap: int) -> dict[str, Words]:
        found, right = (self._side_words(row, side) for side in (constraint.larger, constraint.smaller))
        if len(constraint.larger) == 1:
            measure = constraint.larger[0][0]
            label, value = self._label(row, measure), number_words(int(row[measure]))
            found = f"{label[0]} ghi {value[0]}", f"{label[1]} is {value[1]}"
        amount = number_words(abs(gap))
        if constraint.is_equation:
            todo = (f"Lệch {amount[0]}. Hãy kiểm tra các ô này.", f"They differ by {amount[1]}. Look at these cells.")
            return {"found": found, "expected": right, "todo": todo}
        least = ("ít nhất phải bằng " + right[0], "it must be at least " + right[1])
        todo = (f"Thiếu {amount[0]}. Hãy kiểm tra các ô này.", f"It falls short by {amount[1]}. Look at these cells.")
        return {"found": found, "expected": least, "todo": todo}

    def _side_words(self, row: pd.Series, side: tuple[tuple[str, int], ...]) -> Words:
        return sum_words((self._label(row, measure), times * int(row[measure])) for measure, times in side)

    def tell_total(
        self, position: int, measure: str, found: float, expected: float, is_bound: bool
    ) -> tuple[int, Finding]:
        row = self.rows.iloc[position]
        label, printed, summed = self._label(row, measure), number_words(found), number_words(expected)
        least = ("ít nhất ", "at least ") if is_bound else ("", "")
        words = {
            "found": (f"{label[0]} ghi {printed[0]}", f"{label[1]} is {printed[1]}"),
            "expected": (f"các dòng cộng lại là {least[0]}{summed[0]}", f"the rows add up to {least[1]}{summed[1]}"),
            "gap": number_words(abs(found - expected)),
        }
        said = f"{'≥ ' if is_bound else ''}{int(expected)}"
        return position, self._finding("T.total-row", row, measure, words=words, found=str(int(found)), expected=said)

    def tell_roll_forward(self, position: int, opening: int, previous: int) -> tuple[int, Finding]:
        row, roll = self.rows.iloc[position], self.reference.form.roll_forwards[0]
        label, stock = self._label(row, roll.opening), self._label(row, roll.closing)
        printed, before = number_words(opening), number_words(previous)
        words = {
            "found": (f"{label[0]} ghi {printed[0]}", f"{label[1]} is {printed[1]}"),
            "expected": (
                f"{stock[0]} của kỳ trước là {before[0]}",
                f"{stock[1]} of the previous period is {before[1]}",
            ),
            "gap": number_words(abs(opening - previous)),
        }
        return position, self._finding(
            "C.roll-forward", row, roll.opening, words=words, found=str(opening), expected=str(previous)
        )

    def _label(self, row: pd.Series, measure: str) -> Words:
        return measure_words(self.reference.form, self.reports[row["report"]], measure)

    def _finding(self, rule: str, row: pd.Series, measure: str, **rest: Any) -> Finding:
        report, line = self.reports[row["report"]], int(row["row"])
        cell = cell_of(report, row["sheet"], line, measure)
        name = row["field_name"] if isinstance(row["field_name"], str) and row["field_name"] else None
        rest["words"]["where"] = where_words(report, sheet=row["sheet"], cell=cell, row=line, name=name)
        field = row["field"] if isinstance(row["field"], str) else name
        place = {"sheet": row["sheet"], "cell": cell, "measure": measure, "field": field}
        system = str(row["source_system"])
        return compose_finding(
            rule, unit=report.unit_label, period=report.period_label, source_system=system, **place, **rest
        )


def _sides(constraint: Constraint, total: str) -> tuple[str, int, list[tuple[str, int]]]:
    """Choose whose cell a breach is shown at (the balance's total, where reported), and what it is held against.

    *Shape*: the measure, how many times it counts, and the others as they stand on the far side.
    """
    larger = dict(constraint.larger)
    subject = total if total in larger else min(larger, key=lambda m: larger[m])
    return subject, larger[subject], [(m, -c) for m, c in constraint.coefficients if m != subject]
