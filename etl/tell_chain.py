"""Put the breaks in the chain of stocks into words: of a unit, and of a group that only balances as a whole."""

from collections.abc import Iterable, Mapping
from typing import Any

from etl.model import Finding
from etl.reference import Reference
from etl.rules import RULES, compose_finding
from etl.successions import SuccessionGroup
from etl.tell_history import line_words
from etl.wording import Words, number_words
from expectations.ward_report import severity_of

GROUPED = ("group", "outside")
BOUNDS: Mapping[str, Words] = {
    "": ("", ""),
    "≤ ": (", nên nhiều nhất chỉ có thể bằng đó", ", so it can be at most that"),
    "≥ ": (", nên ít nhất phải bằng đó", ", so it must be at least that"),
}


def compose_break_findings(links: Iterable[Mapping[str, Any]], reference: Reference) -> tuple[Finding, ...]:
    """Say which opening stocks do not continue the closing stocks before them. *Shape*: links as of the view `chain`.

    A unit by itself, or made wholly of others, breaks `C.roll-forward`; a group of units that were split breaks
    `C.group`: it is judged for the town, because none of its units is at fault by itself.
    """
    if not reference.form.roll_forwards:
        return ()
    broken = [link for link in links if link["is_break"] and not link["is_sum"]]
    return tuple(
        _group_finding(link, reference) if link["kind"] in GROUPED else _unit_finding(link, reference)
        for link in broken
    )


def _unit_finding(link: Mapping[str, Any], reference: Reference) -> Finding:
    opening, closing = _labels(reference)
    printed, before = number_words(link["carried_over"]), number_words(link["previous_pending_total"])
    whose = ("", "") if link["kind"] == "same unit" else (f" ({link['previous_unit_name']})",) * 2
    words = {
        "where": line_words(link, reference),
        "found": (f"{opening[0]} ghi {printed[0]}", f"{opening[1]} is {printed[1]}"),
        "expected": (
            f"{closing[0]} của kỳ trước{whose[0]} là {before[0]}",
            f"{closing[1]} of the previous period{whose[1]} is {before[1]}",
        ),
        "gap": number_words(abs(link["gap"])),
    }
    return _finding("C.roll-forward", link, reference, words=words, expected=str(link["previous_pending_total"]))


def _group_finding(link: Mapping[str, Any], reference: Reference) -> Finding:
    group = _group_of(link, reference)
    opening, closing = _labels(reference)
    printed, before = number_words(link["carried_over"]), number_words(link["previous_pending_total"])
    sign = _sign(link, group)
    now, past, line = link["unit_name"], link["previous_unit_name"], line_words(link, reference)
    words = {
        "where": (f"Nhóm {now}. {line[0]}", f"The group {now}. {line[1]}"),
        "found": (f"{opening[0]} của {now} cộng lại là {printed[0]}", f"{opening[1]} of {now} adds up to {printed[1]}"),
        "expected": (
            f"{closing[0]} kỳ {link['previous_key']} của {past} cộng lại là {before[0]}{BOUNDS[sign][0]}",
            f"{closing[1]} in {link['previous_key']} of {past} adds up to {before[1]}{BOUNDS[sign][1]}",
        ),
        "gap": number_words(abs(link["gap"])),
        "todo": why_words(group),
    }
    return _finding("C.group", link, reference, words=words, expected=f"{sign}{link['previous_pending_total']}")


def why_words(group: SuccessionGroup | None) -> Words:
    """Say why only the whole group can be compared: which unit was split, and between whom."""
    if group is None:
        return "", ""
    inside = {(unit.code, unit.name) for unit in group.successors}
    shares: dict[str, list[Words]] = {}
    for part in group.parts:
        if not part.is_whole:
            name = part.to_name.split(" (")[0]  # successions.csv may say in brackets that it lies outside
            is_inside = (part.to_code, part.to_name) in inside
            share = (name, name) if is_inside else (f"{name} (ngoài thị xã)", f"{name} (outside the town)")
            shares.setdefault(part.from_name, []).append(share)
    vi = "; ".join(f"{name} chia cho {' và '.join(share[0] for share in to)}" for name, to in shares.items())
    en = "; ".join(
        f"{name} was divided between {' and '.join(share[1] for share in to)}" for name, to in shares.items()
    )
    return (
        f"{vi or 'Một phần đến từ ngoài thị xã'} nên chỉ so được cả nhóm.",
        f"{en or 'A part came from outside the town'}, so only the whole group can be compared.",
    )


def _sign(link: Mapping[str, Any], group: SuccessionGroup | None) -> str:
    """Say of what kind the bound is where a part lies outside the town; "" where the sums must be equal."""
    if link["kind"] != "outside" or group is None:
        return ""
    return "≤ " if group.goes_outside else "≥ "


def _group_of(link: Mapping[str, Any], reference: Reference) -> SuccessionGroup | None:
    names = set(link["unit_name"].split(", "))
    groups = (group for group in reference.succession_groups if group.on_date == link["unit_valid_from"])
    return next((group for group in groups if {unit.name for unit in group.successors} == names), None)


def _labels(reference: Reference) -> tuple[Words, Words]:
    form = reference.form
    opening, closing = (form.measure(name) for name in (form.roll_forwards[0].opening, form.roll_forwards[0].closing))
    return (opening.label_vi, opening.label_en), (closing.label_vi, closing.label_en)


def _finding(
    rule: str, link: Mapping[str, Any], reference: Reference, *, words: Mapping[str, Words], expected: str
) -> Finding:
    return compose_finding(
        rule,
        words=words,
        unit=link["unit_code"],
        period=link["period_key"],
        field=link["field"],
        measure=reference.form.roll_forwards[0].opening,
        found=str(link["carried_over"]),
        expected=expected,
        severity=severity_of(RULES[rule], reference.town.severities),
    )
