"""A comparison in words for the terminal, and as plain objects for programs."""

import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from etl.comparing.comparison import Cause, Comparison, Difference, NotCompared, Place, RateRemark
from etl.model import Language
from etl.phrases import clean, label_measure, name_period, number_words, percent_words
from etl.publishing.published_tables import name_field
from etl.reference import Reference


def compose_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Give one plain object for each thing found, then one that counts them. `kind` says which it is."""
    contradictions = set(map(id, comparison.contradictions))
    for finding in comparison.findings:
        yield {"kind": "contradiction" if id(finding) in contradictions else "remark"} | finding.as_dict()
    for kind, found in (
        ("difference", comparison.differences),
        ("rate", comparison.rates),
        ("not compared", comparison.not_compared),
    ):
        for one in found:
            yield {"kind": kind} | one.as_dict()
    counted = {"compared": comparison.compared, "differences": len(comparison.differences)}
    counted |= {"contradictions": len(comparison.contradictions), "rates": len(comparison.rates)}
    yield {"kind": "summary", "agrees": comparison.agrees} | counted | {"not_compared": len(comparison.not_compared)}


def render_comparison(comparison: Comparison, reference: Reference, language: Language) -> str:
    """Write a comparison as lines: what contradicts itself, what differs and why, what could not be compared."""
    is_vi = language is Language.VI
    parts: list[list[str]] = []
    if comparison.contradictions:
        head = "Văn bản tự mâu thuẫn:" if is_vi else "It contradicts itself:"
        parts.append([head, *(f"  ✗ {f.rule}  {_message(f, language)}" for f in comparison.contradictions)])
    if comparison.differences:
        head = "Khác với số liệu của thị xã:" if is_vi else "It differs from the dataset:"
        parts.append([head, *_table(comparison.differences, reference, language)])
    if comparison.rates:
        head = "Tỷ lệ không đúng với số của chính dòng:" if is_vi else "Rates that are not those of their own numbers:"
        parts.append([head, *(f"  ✗ {_rate_words(one, reference, language)}" for one in comparison.rates)])
    if comparison.not_compared:
        head = "Không đối chiếu được:" if is_vi else "Not compared:"
        parts.append([head, *_skipped(comparison.not_compared, reference, language)])
    others = [f for f in comparison.findings if all(f is not c for c in comparison.contradictions)]
    if others:
        head = "Lưu ý:" if is_vi else "Remarks:"
        parts.append([head, *(f"  ! {f.rule}  {_message(f, language)}" for f in others)])
    parts.append([_summary(comparison, language)])
    return "\n\n".join("\n".join(part) for part in parts)


def _message(finding: Any, language: Language) -> str:
    return clean(finding.message_vi if language is Language.VI else finding.message_en, 2000)


def _summary(comparison: Comparison, language: Language) -> str:
    compared, differing = comparison.compared, len(comparison.differences)
    if not compared:
        return "Không có số nào đối chiếu được." if language is Language.VI else "Nothing could be compared."
    if language is Language.VI:
        if comparison.agrees:
            return f"Cả {compared} số đã đối chiếu đều khớp."
        return f"Đã đối chiếu {compared} số: {differing} số khác, {compared - differing} số khớp."
    if comparison.agrees:
        return f"All {compared} numbers compared agree."
    return f"{compared} numbers compared: {differing} differ, {compared - differing} agree."


def _table(differences: Sequence[Difference], reference: Reference, language: Language) -> list[str]:
    """Lay the differences out in columns, each with its causes below it; a cause of a row stands once."""
    is_vi = language is Language.VI
    heads = ("Ô", "Chỉ tiêu", "Văn bản", "Số liệu", "Chênh") if is_vi else (
        "Cell", "Measure", "Printed", "Dataset", "By")  # fmt: skip
    rows = [_cells(one, reference, language) for one in differences]
    widths = [max(_width(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = ["  " + _line(heads, widths)]
    place, told = None, set()
    for one, row in zip(differences, rows, strict=True):
        if one.place != place:
            place = one.place
            lines.append(f"  {_place_words(place, reference, language)}")
        lines.append("  " + _line(row, widths))
        key = (one.place, one.causes)
        if key not in told:
            told.add(key)
            lines += [f"      {words}" for words in cause_lines(one, language)]
    return lines


def cause_lines(difference: Difference, language: Language) -> list[str]:
    """Say what probably made a difference: one cause, either of several, or that none is known."""
    is_vi, causes = language is Language.VI, difference.causes
    if not causes:
        return ["Chưa rõ nguyên nhân." if is_vi else "No cause is known."]
    said = [clean(cause.words_vi if is_vi else cause.words_en, 600) for cause in causes]
    if len(said) == 1:
        return [f"{_likely(causes[0], language)}: {said[0]}"]
    first, *rest = ("hoặc", "hoặc") if is_vi else ("either", "or")
    return [f"{first} {said[0]}", *(f"{rest[0]} {words}" for words in said[1:])]


def _likely(cause: Cause, language: Language) -> str:
    if language is Language.VI:
        return "Rất có thể" if cause.is_sure else "Chưa chắc, có thể"
    return "Most probably" if cause.is_sure else "Perhaps"


def _cells(one: Difference, reference: Reference, language: Language) -> tuple[str, ...]:
    by = number_words(abs(one.by), language)
    numbers = (number_words(one.printed, language), number_words(one.dataset, language))
    sign = "+" if one.by > 0 else "−"
    return one.cell or "", label_measure(reference.form, one.measure, language), *numbers, f"{sign}{by}"


def _place_words(place: Place, reference: Reference, language: Language) -> str:
    row = ("dòng" if language is Language.VI else "row") + f" {place.row}" if place.row else ""
    parts = [place.unit, name_period(place.period, language)]
    if place.field != "all":
        parts.append(name_field(place.field, reference, language))
    systems = {known.code: (known.label_vi, known.label_en) for known in reference.source_systems}
    if place.source_system != "all":
        labels = systems.get(place.source_system, (place.source_system,) * 2)
        parts.append(labels[0] if language is Language.VI else labels[1])
    return clean(", ".join([*parts, row] if row else parts), 200)


def _rate_words(one: RateRemark, reference: Reference, language: Language) -> str:
    is_vi = language is Language.VI
    printed, quotient = percent_words(one.printed, language), percent_words(one.quotient, language)
    where = f"{_place_words(one.place, reference, language)}, {one.cell}, “{clean(one.heading, 80)}”"
    if one.is_cut_off:
        said = f"{printed} bị cắt, làm tròn phải là {quotient}" if is_vi else (
            f"{printed} was cut off; rounded it is {quotient}")  # fmt: skip
    else:
        said = f"{printed}, mà theo số của chính dòng là {quotient}" if is_vi else (
            f"{printed}, but its own numbers give {quotient}")  # fmt: skip
    by_dataset = _by_dataset(one.printed, one.dataset)
    if by_dataset:
        said += "; tỷ lệ này đúng với số liệu của thị xã" if is_vi else "; it is the rate of the dataset"
    return f"{where}: {said}."


def _by_dataset(printed: Decimal, dataset: Decimal | None) -> bool:
    return dataset is not None and printed == dataset


def _skipped(skipped: Sequence[NotCompared], reference: Reference, language: Language) -> Iterator[str]:
    for one in dict.fromkeys(skipped):
        words = one.words_vi if language is Language.VI else one.words_en
        yield f"  – {_place_words(one.place, reference, language)}: {clean(words, 600)}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(cells[:2], widths[:2], strict=True)]
    padded += [" " * (width - _width(cell)) + cell for cell, width in zip(cells[2:], widths[2:], strict=True)]
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    return sum(not unicodedata.combining(letter) for letter in text)
