"""The operator's list: what is open in a period, first what would move the town's figures most and is likeliest wrong.

A line's weight is its effect times its suspicion. The effect is the number of dossiers by which the town's figure of
that measure would move. The suspicion says how likely it is that something must be done, as a number ≥ 0:

- an error with one proposal 3, with several 2.5, without 2: it is certainly wrong, and a proposal is quick to look at;
- a question about history: how many times the allowed distance the figure lies off, always above 1;
- a break in the chain of stocks 1: one of two reports is wrong, or dossiers went astray;
- any other warning about a value or the structure 0.5; lateness 0.1: no figure is wrong.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.model import Finding, Language, Severity
from etl.periods import parse_period
from etl.phrases import clean, name_period, number_words
from etl.reference import Reference

ONE_PROPOSAL, PROPOSALS, NO_PROPOSAL = 3.0, 2.5, 2.0
OF_WARNINGS: Mapping[str, float] = {"C": 1.0, "H": 1.0, "L": 0.1}
OTHERWISE = 0.5
CHAIN_RULES = ("C.roll-forward", "C.field-vanished")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding and how suspicious it is, where more is known of that than its rule."""

    finding: Finding
    suspicion: float


def compose_review(
    findings: Iterable[Finding],
    *,
    questions: Iterable[Weighed] = (),
    breaks: Iterable[Finding] = (),
    sizes: Mapping[str, int] | None = None,
) -> list[dict[str, Any]]:
    """Order what is open. What somebody has accepted is not; a question or break is listed once.

    `findings`: those of the reports that count and of those sent back, as stored; `questions` and `breaks`: what the
    warehouse knows now, which stands for stored questions; `sizes`: how many dossiers a unit (code) usually reports,
    all of which the town's figure lacks while its report is refused.

    *Shape*: the fields of a finding (`Finding.as_dict`), effect (dossiers), suspicion, weight; the heaviest first.
    """
    stored = [finding for finding in findings if not finding.is_question]
    told = {_line(finding) for finding in stored if finding.rule in CHAIN_RULES}
    accepted = {_line(finding) for finding in findings if finding.waiver_no is not None}
    weighed = [Weighed(finding, suspicion_of(finding)) for finding in stored if finding.waiver_no is None]
    weighed += [Weighed(finding, suspicion_of(finding)) for finding in breaks if _line(finding) not in told]
    weighed += [question for question in questions if _line(question.finding) not in accepted]
    rows = [_row(each, sizes or {}) for each in weighed]
    return sorted(rows, key=_order)


def suspicion_of(finding: Finding) -> float:
    """Say how likely it is that something must be done about a finding; see the head of this module."""
    if finding.severity is Severity.ERROR:
        if not finding.suggestion:
            return NO_PROPOSAL
        return PROPOSALS if "either" in finding.suggestion else ONE_PROPOSAL
    return OF_WARNINGS.get(finding.code, OTHERWISE)


def effect_of(finding: Finding, sizes: Mapping[str, int]) -> int:
    """Say by how much the town's figure would move. *Units*: dossiers; 0 where nothing can be counted."""
    found, expected = _count(finding.found), _count(finding.expected)
    if finding.rule == "C.field-vanished":
        expected = 0
    own = abs(found - expected) if found is not None and expected is not None else 0
    return max(own, sizes.get(finding.unit or "", 0)) if finding.severity is Severity.ERROR else own


def _count(text: str | None) -> int | None:
    match = re.fullmatch(r"(?:[≥≤] )?(\d{1,15})", text or "")
    return int(match[1]) if match else None


def _line(finding: Finding) -> tuple[str | None, ...]:
    """Name the line a finding is about; of a chain, however it was broken there."""
    about = "C" if finding.rule in CHAIN_RULES else finding.rule
    return about, finding.unit, finding.period, finding.field


def _row(weighed: Weighed, sizes: Mapping[str, int]) -> dict[str, Any]:
    effect = effect_of(weighed.finding, sizes)
    weight = {"effect": effect, "suspicion": round(weighed.suspicion, 2), "weight": round(effect * weighed.suspicion)}
    return weighed.finding.as_dict() | weight


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    is_warning = row["severity"] != Severity.ERROR
    return (
        -row["weight"],
        is_warning,
        -row["suspicion"],
        *(row[name] or "" for name in ("period", "unit", "rule", "field")),
    )


# ---------------------------------------------------------------------------------------------------------
# As text


def render_review(rows: Sequence[Mapping[str, Any]], reference: Reference, language: Language) -> str:
    """Write the list for the terminal: rank, effect and suspicion, unit, and what is to be looked at."""
    is_vi = language is Language.VI
    if not rows:
        return "Không có gì cần xem." if is_vi else "Nothing is open."
    heads = ("ảnh hưởng (hồ sơ) × nghi ngờ", "effect (dossiers) × suspicion")
    lines = [("Cần xem, xếp theo " if is_vi else "To be looked at, by ") + heads[0 if is_vi else 1]]
    for rank, row in enumerate(rows, start=1):
        suspicion = f"{row['suspicion']:.1f}".replace(".", "," if is_vi else ".")
        head = f"{rank:>3}. {number_words(row['effect'], language):>9} × {suspicion:<5}"
        period = name_period(row["period"] or "", language)
        lines.append(f"{head} {_unit_name(row, reference)}, {period}  [{row['rule']}]")
        lines.append(f"{'':>4} {clean(row[f'message_{language}'], 600)}")
    return "\n".join(lines)


def render_chain(links: Sequence[Mapping[str, Any]], reference: Reference, language: Language) -> str:
    """Write the links of a chain for the terminal, a line each: the newest first; breaks are marked."""
    is_vi, shown = language is Language.VI, []
    for place, link in enumerate(links):
        before = links[place - 1] if place else {}
        heads = ("unit_name", "unit_valid_from", "source_system", "field")
        if any(before.get(name) != link[name] for name in heads):
            shown.append(f"{link['unit_name']}: {_field_name(link, reference, is_vi=is_vi)}")
        shown.append(f"  {_link_words(link, language)}")
    return (
        "\n".join(shown)
        if shown
        else ("Không có chỗ nào đứt, hoặc chưa có hai kỳ nối nhau." if is_vi else "No breaks, or no two periods yet.")
    )


def _link_words(link: Mapping[str, Any], language: Language) -> str:
    is_vi = language is Language.VI
    stocks = (
        f"{number_words(link['previous_pending_total'], language)} → {number_words(link['carried_over'], language)}"
    )
    line = f"{link['previous_key']} → {link['period_key']}  {stocks}"
    if link["previous_unit_name"] != link["unit_name"]:
        line += f"  ({link['previous_unit_name']})"
    if link["unknown_because"]:
        return f"{line}  ? {'không rõ' if is_vi else 'unknown'}: {link['unknown_because']}"
    if link["periods_missing"]:
        missing = "thiếu {} kỳ, {:+}" if is_vi else "missing {} periods, {:+}"
        return f"{line}  {missing.format(link['periods_missing'], link['gap'])}"
    return f"{line}  {'ĐỨT' if is_vi else 'BREAK'} {link['gap']:+}" if link["is_break"] else line


def _unit_name(row: Mapping[str, Any], reference: Reference) -> str:
    """Name a unit as it is called in the period; a group, and a text that is no code, stay as they are."""
    period = parse_period(row["period"] or "", reference.town.calendar)
    names = [unit.full_name for unit in reference.expected_units(period) if unit.code == row["unit"]] if period else []
    return names[0] if names else clean(str(row["unit"] or "?"), 80)


def _field_name(link: Mapping[str, Any], reference: Reference, *, is_vi: bool) -> str:
    known = reference.field(link["field"])
    name = known.name if known else clean(link["field"], 60)
    if link["field"] == "all":
        name = "tất cả các lĩnh vực" if is_vi else "all fields"
    return f"{name}, {link['source_system']}" if link["source_system"] else name
