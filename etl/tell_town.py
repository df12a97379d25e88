"""Put what is wrong with a town's dataset into words: which line, what it says, what its parts or its past say."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from etl.model import Finding, Language, Severity
from etl.phrases import clean, label_measure, name_period
from etl.reference import Reference
from etl.rules import compose_finding
from etl.town_dataset import TownDataset
from etl.wording import Words, number_words

Breach = Mapping[str, Any]
SCOPES: Mapping[str, Words] = {
    "wards": ("Các phường, xã cộng lại", "The wards together"),
    "desk": ("Bộ phận của thị xã", "The town's own desk"),
}
UNKNOWN: Words = ("không rõ", "not known")


def tell_town(
    rule: str, breaches: pd.DataFrame, *, severity: Severity, dataset: TownDataset, reference: Reference
) -> tuple[Finding, ...]:
    """Put the breaches of a rule into words, in their order. *Shape*: see the function of `expectations.town_rules`."""
    return tuple(
        _finding(rule, breach, severity=severity, dataset=dataset, reference=reference)
        for breach in breaches.to_dict("records")
    )


def _finding(
    rule: str, breach: dict[Any, Any], *, severity: Severity, dataset: TownDataset, reference: Reference
) -> Finding:
    words = dict(_WORDS[rule](breach, reference))
    is_of_month = rule in ("L.coverage", "H.town", "T.cumulative")
    words["where"] = _where_period(breach, reference) if is_of_month else _where_line(breach, reference)
    found, expected = _count(breach.get("found")), _count(breach.get("expected"))
    if found is not None and expected is not None:
        words["gap"] = number_words(abs(found - expected))
    return compose_finding(
        rule,
        words=words,
        severity=severity,
        unit=breach.get("unit_code") or None,
        period=str(breach.get("period_key") or dataset.period.key),
        field=breach.get("field"),
        measure=breach.get("measure"),
        found=None if found is None else str(found),
        expected=None if expected is None else str(expected),
        source_system=breach.get("source_system"),
    )


def _line_doubled(breach: Breach, reference: Reference) -> dict[str, Words]:
    return {}


def _unit_dropped(breach: Breach, reference: Reference) -> dict[str, Words]:
    """Say what is wrong with the units of a line, or with the line of a unit."""
    if "is_wanted" not in breach:
        found, expected = _words(breach.get("found")), _words(breach.get("expected"))
        return {
            "found": (f"số đơn vị được tính là {found[0]}", f"the number of units in is {found[1]}"),
            "expected": (
                f"theo tình hình nộp báo cáo là {expected[0]}, hoặc số đơn vị không khớp tổng",
                f"by the coverage it is {expected[1]}, or the numbers of units do not add up",
            ),
        }
    if breach["is_wanted"] and breach["expected"]:
        return {
            "found": ("báo cáo của đơn vị đã được chấp nhận", "the unit's report was accepted"),
            "expected": ("bộ số liệu không có dòng của đơn vị", "the dataset has no line of the unit"),
        }
    owes, stands = breach["is_wanted"], breach["expected"]
    return {
        "found": (
            "đơn vị phải báo cáo" if owes else "đơn vị không phải báo cáo",
            "the unit owes a report" if owes else "the unit owes no report",
        ),
        "expected": (
            "được ghi là phải báo cáo" if stands else "không được ghi là phải báo cáo",
            "the coverage says it does" if stands else "the coverage does not say so",
        ),
    }


def _sum_unequal(breach: Breach, reference: Reference) -> dict[str, Words]:
    label, found, expected = _label(breach["measure"], reference), _words(breach["found"]), _words(breach["expected"])
    return {
        "found": (f"{label[0]} là {found[0]}", f"{label[1]} is {found[1]}"),
        "expected": (f"các phần cộng lại là {expected[0]}", f"its parts give {expected[1]}"),
    }


def _adjustment_wrong(breach: Breach, reference: Reference) -> dict[str, Words]:
    return {"found": _words(breach["found"]), "expected": _words(breach["expected"])}


def _part_large(breach: Breach, reference: Reference) -> dict[str, Words]:
    part, total = _label(breach["measure"], reference), _label(breach["total"], reference)
    found, expected = _words(breach["found"]), _words(breach["expected"])
    return {
        "found": (f"{part[0]} {found[0]}", f"{part[1]} {found[1]}"),
        "expected": (f"{total[0]} {expected[0]}", f"{total[1]} {expected[1]}"),
    }


def _cumulative_unequal(breach: Breach, reference: Reference) -> dict[str, Words]:
    label, found, expected = _label(breach["measure"], reference), _words(breach["found"]), _words(breach["expected"])
    return {
        "found": (f"{label[0]} báo cáo cho cả kỳ là {found[0]}", f"{label[1]}, reported for the whole, is {found[1]}"),
        "expected": (
            f"theo báo cáo từng tháng là {expected[0]}",
            f"by the reports of the months it is {expected[1]}",
        ),
    }


def _magnitude_odd(breach: Breach, reference: Reference) -> dict[str, Words]:
    label, found, expected = _label(breach["measure"], reference), _words(breach["found"]), _words(breach["expected"])
    months = int(breach["months"])
    return {
        "found": (f"{label[0]} là {found[0]}", f"{label[1]} is {found[1]}"),
        "expected": (
            f"trung vị của {months} tháng trước là {expected[0]}",
            f"the median of the {months} months before is {expected[1]}",
        ),
    }


def _coverage_lower(breach: Breach, reference: Reference) -> dict[str, Words]:
    (found, of), (before, owed) = (
        (number_words(breach[one])[0], number_words(breach[other])[0])
        for one, other in (("found", "of"), ("expected", "expected_of"))
    )
    named = [name_period(str(breach["before"]), language) for language in (Language.VI, Language.EN)]
    return {
        "found": (f"{found}/{of}", f"{found} of {of}"),
        "expected": (f"{named[0]}: {before}/{owed}", f"{named[1]}: {before} of {owed}"),
    }


_WORDS: Mapping[str, Callable[[Breach, Reference], dict[str, Words]]] = {
    "S.town-line": _line_doubled,
    "S.town-unit": _unit_dropped,
    "T.town": _sum_unequal,
    "T.whole": _sum_unequal,
    "T.part": _part_large,
    "T.cumulative": _cumulative_unequal,
    "C.adjustment": _adjustment_wrong,
    "H.town": _magnitude_odd,
    "L.coverage": _coverage_lower,
}


# ---------------------------------------------------------------------------------------------------------
# Places, measures and numbers


def _where_line(breach: Breach, reference: Reference) -> Words:
    """Name a line: whose, of which field and source system; the parts that are "all" are not said."""
    vi, en = _whose(breach, reference)
    field, system = breach.get("field"), breach.get("source_system")
    if field and field != "all":
        known = reference.field(str(field))
        name = known.name if known else clean(str(field), 60)
        vi, en = f"{vi}, lĩnh vực {name}", f"{en}, field {name}"
    if system is not None and system != "all":
        known_system = next((one for one in reference.source_systems if one.code == system), None)
        labels = (known_system.label_vi, known_system.label_en) if known_system else (clean(str(system), 60),) * 2
        vi, en = (f"{vi}, {labels[0]}", f"{en}, {labels[1]}") if system else (vi, en)
    if breach.get("period_key"):
        vi, en = (f"{one}, {name_period(str(breach['period_key']), lang)}" for one, lang in _in_both(vi, en))
    return f"{vi}: ", f"{en}: "


def _where_period(breach: Breach, reference: Reference) -> Words:
    vi, en = (
        f"{one}, {name_period(str(breach['period_key']), lang)}: " for one, lang in _in_both(*_whose(breach, reference))
    )
    return vi, en


def _in_both(vi: str, en: str) -> tuple[tuple[str, Language], tuple[str, Language]]:
    return (vi, Language.VI), (en, Language.EN)


def _whose(breach: Breach, reference: Reference) -> Words:
    if breach.get("unit_name"):
        return (clean(str(breach["unit_name"]), 120),) * 2
    known = SCOPES.get(str(breach.get("scope")))
    return known or (f"Toàn {reference.town.name_vi}", f"All of {reference.town.name_en}")


def _label(measure: str, reference: Reference) -> Words:
    vi, en = (label_measure(reference.form, measure, language) for language in (Language.VI, Language.EN))
    return vi, en


def _count(value: Any) -> int | None:
    """Give a number that was compared. *Missing*: None where it is not known, or where the rule compares none."""
    return None if isinstance(value, bool) or value is None or pd.isna(value) else int(value)


def _words(value: Any) -> Words:
    count = _count(value)
    return UNKNOWN if count is None else number_words(count)
