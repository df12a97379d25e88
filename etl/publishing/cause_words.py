"""What happened to a report between two publications, in words."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from etl.model import Language
from etl.phrases import clean, label_measure, moment_words, name_period
from etl.publishing.change_words import by_words, principal_changes
from etl.publishing.changes import FigureChange
from etl.publishing.published_tables import pick
from etl.reference import Reference

Cause = dict[str, Any]  # the columns of the view publication_cause; before it is said, also `about`
MOST_FIGURES = 4
_WORDS = {
    "came": ("báo cáo đã đến và được ghi nhận", "its report came and was accepted"),
    "replaced": ("báo cáo được thay bằng báo cáo khác", "its report was replaced by another one"),
    "sent back": ("báo cáo bị trả lại", "its report was sent back"),
    "withdrawn": ("báo cáo không còn được tính", "its report no longer counts"),
    "waived": ("một lỗi được chấp nhận", "a finding was accepted"),
    "corrected": ("số liệu được người vận hành sửa", "a figure was corrected by the operator"),
    "judged again": ("báo cáo được kiểm tra lại", "its report was judged again"),
}


def name_sender(cause: Cause, reference: Reference) -> str:
    """Name who did it: a unit by its name where it is known by its code, else as written."""
    who = str(cause["who"])
    if who == cause["unit_code"]:
        return str(cause["unit_name"])
    known = [unit.full_name for unit in reference.units if unit.code == who]
    return clean(known[-1] if known else who, 80)


def say_cause(cause: Cause, figures: Sequence[FigureChange], reference: Reference, language: Language) -> str:
    """Say what happened to a report, by whom and why, and by how much the unit's own figures changed."""
    head = f"{cause['unit_name']}, {name_period(cause['report_period'], language)}"
    by = "; ".join(part for part in (_source(cause, reference, language), _why(cause, language)) if part)
    said = f"{head}: {pick(language, *_WORDS[cause['kind']])}{f' ({by})' if by else ''}"
    shown = principal_changes(figures, reference)[:MOST_FIGURES]
    sizes = ", ".join(f"{_label(f, reference, language)} {by_words(f, language)}" for f in shown)
    return clean(f"{said}. {sizes[:1].upper()}{sizes[1:]}" if sizes else said, 600)


def _label(figure: FigureChange, reference: Reference, language: Language) -> str:
    label = label_measure(reference.form, figure.measure, language)
    return label[:1].lower() + label[1:]


def _source(cause: Cause, reference: Reference, language: Language) -> str:
    """Say who did it and when; of a file also its code, of a decision also about what."""
    if cause["about"] is None:
        return ""
    when = moment_words(read_moment(cause["at"]).astimezone(reference.town.time_zone), language)
    kind, about = cause["about"]
    if kind == "file":
        who = pick(language, ", {} gửi", ", sent by {}").format(cause["who"]) if cause["who"] else ""
        return pick(language, "tệp {} nhận lúc {}{}", "file {}, received at {}{}").format(about, when, who)
    words = pick(language, "{}quyết định của {}, {}", "{}decided by {}, {}")
    return words.format(_about(kind, about, reference, language), cause["who"], when)


def _about(kind: str, decision: Mapping[str, Any], reference: Reference, language: Language) -> str:
    """Say which rule a decision is about, or which cell and from what to what. *Missing*: "" of a whole report."""
    if kind == "waiver":
        return f"{clean(decision['about'], 80)}, "
    cell = re.fullmatch(r"(.*), row (\d+), (\w+)", decision["about"]) if kind == "correction" else None
    if cell is None:
        return ""
    label = label_measure(reference.form, cell[3], language)
    where = pick(language, "trang “{}”, dòng {}, {}", "sheet “{}”, row {}, {}")
    said = where.format(clean(cell[1], 60), cell[2], label[:1].lower() + label[1:])
    old, new = (clean(str(decision[side] or "–"), 40) for side in ("old", "new"))
    return f"{said}: {old} → {new}, "


def _why(cause: Cause, language: Language) -> str:
    reason = clean(cause["reason"], 200)
    return f"{pick(language, 'lý do', 'reason')}: {reason}" if reason else ""


def read_moment(at: datetime | str) -> datetime:
    """Give a moment that the ledger may have written as text."""
    return datetime.fromisoformat(at) if isinstance(at, str) else at
