"""The ledger of publications and what one of them changed, in words for the terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from etl.model import Language
from etl.phrases import moment_words, name_period
from etl.publishing.change_words import change_lines, figure_words
from etl.publishing.changes import Changes
from etl.publishing.published_tables import pick
from etl.reference import Reference

MOST_FIGURES = 40  # on a terminal; --json gives all
_KINDS = {
    "came": ("báo cáo đến", "came"),
    "replaced": ("báo cáo được thay", "replaced"),
    "sent back": ("báo cáo bị trả lại", "sent back"),
    "withdrawn": ("báo cáo không còn được tính", "withdrawn"),
    "waived": ("lỗi được chấp nhận", "waived"),
    "corrected": ("số liệu được sửa", "corrected"),
    "judged again": ("báo cáo được kiểm tra lại", "judged again"),
}


def say_what_for(row: Mapping[str, Any], language: Language) -> str:
    """Say what was new in a publication: how many reports came, were replaced and so on."""
    if row["number"] == 1:
        return pick(language, "công bố lần đầu", "first publication")
    if row["causes"] is None:
        return pick(language, "phiên bản cũ không ghi lại", "not recorded by that version of the program")
    counts = Counter(cause["kind"] for cause in row["causes"])
    said = ", ".join(f"{counts[kind]} {pick(language, *words)}" for kind, words in _KINDS.items() if counts[kind])
    return said or pick(language, "danh mục hoặc quy tắc thay đổi", "the reference or the rules changed")


def render_ledger(rows: Sequence[Mapping[str, Any]], reference: Reference, language: Language) -> str:
    """Write the ledger, a line a publication: number, moment, units in, partial, what for."""
    if not rows:
        return pick(language, "Chưa công bố gì.", "Nothing was published yet.")
    return "\n".join(_ledger_line(row, reference, language) for row in rows)


def render_changes(changes: Changes | None, number: int, reference: Reference, language: Language) -> str:
    """Write what a publication changed: what happened to which report, then figure by figure."""
    if changes is None:
        return pick(language, "Đây là lần công bố đầu tiên.", "This is the first publication.")
    at = moment_words(changes.published_before.astimezone(reference.town.time_zone), language)
    head = pick(language, "Lần công bố {} so với lần {} ({}):", "Publication no. {} beside no. {} ({}):")
    shown = changes.figures[:MOST_FIGURES]
    rest = len(changes.figures) - len(shown)
    more = pick(language, f"… và {rest} số liệu nữa (--json)", f"… and {rest} more figures (--json)")
    figures = [figure_words(figure, reference, language) for figure in shown]
    lines = [*change_lines(changes, language), *figures, *([more] if rest else [])]
    return "\n".join([head.format(number, changes.number_before, at), *(f"  {line}" for line in lines)])


def _ledger_line(row: Mapping[str, Any], reference: Reference, language: Language) -> str:
    at = moment_words(row["published_at"].astimezone(reference.town.time_zone), language)
    number = pick(language, f"lần {row['number']}", f"no. {row['number']}")
    units = f"{row['units_in']}/{row['units_expected']} {pick(language, 'đơn vị', 'units')}"
    partial = pick(language, ", chưa đầy đủ", ", partial") if row["is_partial"] else ""
    name = name_period(row["period_key"], language)
    return f"{name}: {number}, {at}, {units}{partial}; {row[f'what_for_{language}']}"
