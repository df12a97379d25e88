"""Compose a digest: what the town is told of one period, in a paragraph, a table and who is missing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from etl.letters.finding_words import place_words
from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.model import Finding, Language, Severity
from etl.phrases import clean, label_measure, moment_words, name_period, number_words, percent_words
from etl.publishing.adjustment_words import adjustment_lines
from etl.publishing.change_words import change_lines, figure_words, whole_changes
from etl.publishing.publication import Publication
from etl.publishing.published_tables import (
    SCOPE_NAMES,
    decision_lines,
    late_units,
    pick,
    rates_of,
    units_with,
    whole_rows,
)
from etl.publishing.release import Release
from etl.reference import Reference
from etl.status_table import newer_words
from etl.town_dataset import TownDataset

MOST_WARNINGS = 25
MOST_REASONS = 3
MOST_CHANGES = 9  # three totals of the town, the wards and the desk
MOST_CAUSES = 20
MOST_ADJUSTMENTS = 10
_SCOPES = ("wards", "desk", "town")


def compose_digest(publication: Publication, ranges: Mapping[str, int] | None = None) -> Message:
    """Tell the town what was published of a period, and what changed; once for each publication.

    `ranges`: those that were published with it, key → number: they are told here and get no digest of their own.
    """
    release = publication.release
    dataset, reference = release.dataset, release.reference
    facts = {
        language: _facts(publication, language)
        | _changed(release, language)
        | _open_items(release.review, dataset, reference, language)
        | {"ranges": _range_lines(ranges or {}, language)}
        for language in Language
    }
    text, html = render_letter("digest", reference.town.language, facts)
    return Message(
        kind=MailKind.DIGEST,
        topic=publication.period_key,
        state=f"{publication.number}-{publication.content_sha256[:16]}",
        recipients=reference.town.town_recipients or reference.town.operator_recipients,
        subject=_subject(facts[Language(reference.town.language)], is_vi=reference.town.language == Language.VI),
        text=text,
        html=html,
    )


def _subject(facts: dict[str, Any], *, is_vi: bool) -> str:
    count = f"{facts['units_in']}/{facts['units_expected']}"
    partial = ("chưa đầy đủ" if is_vi else "partial") if facts["is_partial"] else ""
    again = (
        (f"công bố lần {facts['number']}" if is_vi else f"publication no. {facts['number']}") if facts["again"] else ""
    )
    head = f"[Số liệu thị xã] {facts['period']}" if is_vi else f"[Town figures] {facts['period']}"
    return subject_line(head, f"{count} đơn vị" if is_vi else f"{count} units", partial, again)


def _facts(publication: Publication, language: Language) -> dict[str, Any]:
    """Gather what the template of one language shows."""
    release = publication.release
    dataset, reference = release.dataset, release.reference
    is_vi = language is Language.VI
    expected = dataset.coverage[dataset.coverage["expected"]]
    published = publication.published_at.astimezone(reference.town.time_zone)
    span = f"{dataset.period.start:%d/%m/%Y} – {dataset.period.end:%d/%m/%Y}"
    return {
        "town": reference.town.name_vi if is_vi else reference.town.name_en,
        "period": name_period(dataset.period.key, language),
        "span": span,
        "number": publication.number,
        "again": publication.is_restatement,
        "published": moment_words(published, language),
        "files": sorted(publication.files),
        "units_in": int(expected["status"].str.startswith("accepted").sum()),
        "units_expected": len(expected),
        "is_partial": bool(whole_rows(dataset, "town")["is_partial"].any()),
        "headlines": ", ".join(_headlines(dataset, reference, language)),
        "head": ["Chỉ tiêu" if is_vi else "Measure", *_scope_names(dataset, language)],
        "rows": list(_table(dataset, reference, language)),
        "missing": units_with(dataset, "missing"),
        "rejected": list(_rejected(dataset, release.findings, language)),
        "late": late_units(dataset),
        "corrections": list(_corrections(dataset, language)),
        "decided": decision_lines(dataset, language),
        **_adjusted(dataset, language),
    }


def _adjusted(dataset: TownDataset, language: Language) -> dict[str, Any]:
    """Name the largest adjustments, each with its amount and why it is there."""
    lines = [f"{where}: {amount} – {why}" for where, amount, why in adjustment_lines(dataset, language)]
    return {"adjustments": lines[:MOST_ADJUSTMENTS], "more_adjustments": max(0, len(lines) - MOST_ADJUSTMENTS)}


def _changed(release: Release, language: Language) -> dict[str, Any]:
    """Say what changed since the publication before: the town's figures, and what happened to which report."""
    changes = release.changes
    if changes is None:
        return {"changed": [], "causes": [], "more_causes": 0, "changed_since": ""}
    shown = whole_changes(changes, release.reference, "town", "wards", "desk")[:MOST_CHANGES]
    causes = change_lines(changes, language)
    return {
        "changed": [figure_words(change, release.reference, language) for change in shown],
        "causes": causes[:MOST_CAUSES],
        "more_causes": max(0, len(causes) - MOST_CAUSES),
        "changed_since": moment_words(changes.published_before.astimezone(release.reference.town.time_zone), language),
    }


def _range_lines(ranges: Mapping[str, int], language: Language) -> list[str]:
    words = "{}: công bố lần {}" if language is Language.VI else "{}: publication no. {}"
    return [words.format(name_period(key, language), number) for key, number in ranges.items()]


def _open_items(
    review: Sequence[Mapping[str, Any]], dataset: TownDataset, reference: Reference, language: Language
) -> dict[str, Any]:
    """Give the warnings that are open; why a report was sent back stands beside its unit."""
    warnings = [row for row in review if row["severity"] == Severity.WARNING]
    shown = [_warning_words(row, dataset, reference, language) for row in warnings[:MOST_WARNINGS]]
    return {"warnings": shown, "more_warnings": len(warnings) - len(shown)}


def _headlines(dataset: TownDataset, reference: Reference, language: Language) -> Iterable[str]:
    """Give the town's totals that every edition of the form prints, and the rates."""
    form, town = reference.form, whole_rows(dataset, "town")
    if town.empty:
        return
    row = town.iloc[0]
    for name in form.common_totals:
        if not pd.isna(row[name]):
            label = label_measure(form, name, language)
            yield f"{label[:1].lower()}{label[1:]} {number_words(row[name], language)}"
    for rate, value in zip(form.rates, rates_of(row, reference), strict=True):
        label = rate.label_vi if language is Language.VI else rate.label_en
        yield f"{label[:1].lower()}{label[1:]} {percent_words(value, language)}"


def _present(dataset: TownDataset) -> list[tuple[str, Any]]:
    """List the scopes that have units, with their row."""
    found = ((scope, whole_rows(dataset, scope)) for scope in _SCOPES)
    return [(scope, rows.iloc[0]) for scope, rows in found if not rows.empty]


def _scope_names(dataset: TownDataset, language: Language) -> list[str]:
    return [
        f"{pick(language, *SCOPE_NAMES[scope])} ({int(row['units_in'])}/{int(row['units_expected'])})"
        for scope, row in _present(dataset)
    ]


def _table(dataset: TownDataset, reference: Reference, language: Language) -> Iterable[list[str]]:
    """Give a row per measure, a column per scope; what no scope reports is left out."""
    rows = [row for _, row in _present(dataset)]
    for measure in reference.form.measures:
        if all(pd.isna(row[measure.name]) for row in rows):
            continue
        label = label_measure(reference.form, measure.name, language)
        yield [label[:1].upper() + label[1:], *(number_words(row[measure.name], language) for row in rows)]
    rates = [rates_of(row, reference) for row in rows]
    for i, rate in enumerate(reference.form.rates):
        label = rate.label_vi if language is Language.VI else rate.label_en
        yield [label[:1].upper() + label[1:], *(percent_words(values[i], language) for values in rates)]


def _rejected(dataset: TownDataset, findings: Sequence[Finding], language: Language) -> Iterable[str]:
    """Name each unit whose report was sent back, and why."""
    coverage = dataset.coverage
    for row in coverage[coverage["expected"] & coverage["status"].eq("rejected")].itertuples(index=False):
        own = [
            finding
            for finding in findings
            if finding.severity is Severity.ERROR and (finding.unit, finding.period) == (row.unit_code, row.period_key)
        ]
        said = [clean(f.message_vi if language is Language.VI else f.message_en, 300) for f in own[:MOST_REASONS]]
        more = f"… +{len(own) - MOST_REASONS}" if len(own) > MOST_REASONS else ""
        reason = " ".join([*said, more]).strip() or clean(str(row.findings), 200)
        yield f"{row.unit_name}: {reason}" if reason else str(row.unit_name)


def _corrections(dataset: TownDataset, language: Language) -> Iterable[str]:
    """Name each unit that sent a change of its accepted report that was sent back or waits for the operator."""
    if "newer" not in dataset.coverage:
        return
    coverage = dataset.coverage
    for row in coverage[coverage["expected"] & coverage["newer"].notna()].to_dict("records"):
        yield f"{row['unit_name']}: {newer_words(row['newer'], language)}"


def _warning_words(row: Mapping[str, Any], dataset: TownDataset, reference: Reference, language: Language) -> list[str]:
    """Give an open item as a row: unit and where, how many dossiers it may move, what."""
    finding = Finding(**{name: value for name, value in row.items() if name in Finding.__slots__})
    units = dict(zip(dataset.coverage["unit_code"], dataset.coverage["unit_name"], strict=True))
    unit = clean(str(units.get(finding.unit, finding.unit or "")), 60)
    said = finding.message_vi if language is Language.VI else finding.message_en
    place = place_words(finding, reference, language)
    effect = number_words(row["effect"], language) if row["effect"] else ""
    return [f"{unit}: {place}" if unit else place, effect, clean(said, 400)]
