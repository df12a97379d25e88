"""What changed, in words: a figure, by how much; for mails, pages and the terminal."""

from collections.abc import Iterable, Sequence

from etl.model import Language
from etl.phrases import clean, label_measure, number_words
from etl.publishing.changes import Changes, FigureChange
from etl.publishing.published_tables import ALL, SCOPE_NAMES, name_field, name_system, pick
from etl.reference import Reference


def by_words(change: FigureChange, language: Language) -> str:
    """Say from what to what a figure went, and by how much: 1.207 → 1.200 (−7). *Missing*: "–", not reported."""
    said = f"{number_words(change.before, language)} → {number_words(change.after, language)}"
    if change.by is None:
        return said
    return f"{said} ({'+' if change.by > 0 else '−'}{number_words(abs(change.by), language)})"


def figure_words(change: FigureChange, reference: Reference, language: Language) -> str:
    """Say which figure went from what to what."""
    label = label_measure(reference.form, change.measure, language)
    return f"{line_words(change, reference, language)}: {label[:1].lower()}{label[1:]} {by_words(change, language)}"


def line_words(change: FigureChange, reference: Reference, language: Language) -> str:
    """Name the line of a figure: whose, and of which field and system."""
    whose = clean(change.unit_name, 80) or pick(language, *SCOPE_NAMES.get(change.scope, (change.scope, change.scope)))
    parts = [whose]
    if change.field != ALL:
        parts.append(name_field(change.field, reference, language))
    if change.source_system != ALL:
        parts.append(name_system(change.source_system, reference, language))
    return ", ".join(parts)


def principal_changes(changes: Iterable[FigureChange], reference: Reference) -> list[FigureChange]:
    """Choose the changes to show where there is little room: totals that every sheet prints; else all there are."""
    known, totals = list(changes), reference.form.common_totals
    return [change for change in known if change.measure in totals] or known


def whole_changes(changes: Changes, reference: Reference, *scopes: str) -> list[FigureChange]:
    """List the principal changes of the whole figures of some scopes, over all fields and systems."""
    whole = [c for c in changes.figures if c.scope in scopes and c.field == ALL and c.source_system == ALL]
    return principal_changes(whole, reference)


def change_lines(changes: Changes, language: Language) -> Sequence[str]:
    """Say what happened to which report, a line each."""
    return [clean(pick(language, one.what_vi, one.what_en), 600) for one in changes.reports]
