"""Compose a digest: what the town is told of one period, in a paragraph, a table and who is missing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from etl.letters.finding_words import place_words
from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.model import Finding, Language, Severity
from etl.phrases import clean, label_measure, moment_words, name_period, number_words, percent_words
from etl.publishing.publication import Publication
from etl.publishing.published_tables import decision_lines, late_units, rates_of, units_with, whole_rows
from etl.reference import Reference
from etl.tables import newer_words
from etl.town_dataset import TownDataset

MOST_WARNINGS = 25
MOST_REASONS = 3
_SCOPES = (
    ("wards", "Các phường, xã", "Wards"),
    ("desk", "Bộ phận của thị xã", "Town's own desk"),
    ("town", "Toàn thị xã", "Town"),
)


def compose_digest(
    dataset: TownDataset,
    reference: Reference,
    publication: Publication,
    findings: Sequence[Finding] = (),
    review: Sequence[Mapping[str, Any]] = (),
) -> Message:
    """Tell the town what was published of a period; once for each publication.

    `findings` are those of the reports that the coverage speaks of: why a report was sent back. `review`: what is
    open, the heaviest first, as `etl.review.compose_review` gives it.
    """
    told = {language: _facts(dataset, reference, publication, findings, language) for language in Language}
    facts = {language: told[language] | _open_items(review, dataset, reference, language) for language in Language}
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


def _facts(
    dataset: TownDataset,
    reference: Reference,
    publication: Publication,
    findings: Sequence[Finding],
    language: Language,
) -> dict[str, Any]:
    """Gather what the template of one language shows."""
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
        "files": [name for name in sorted(publication.files) if "-no" not in name],
        "units_in": int(expected["status"].str.startswith("accepted").sum()),
        "units_expected": len(expected),
        "is_partial": bool(whole_rows(dataset, "town")["is_partial"].any()),
        "headlines": ", ".join(_headlines(dataset, reference, language)),
        "head": ["Chỉ tiêu" if is_vi else "Measure", *_scope_names(dataset, language)],
        "rows": list(_table(dataset, reference, language)),
        "missing": units_with(dataset, "missing"),
        "rejected": list(_rejected(dataset, findings, language)),
        "late": late_units(dataset),
        "corrections": list(_corrections(dataset, language)),
        "decided": decision_lines(dataset, language),
    }


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
    sheets = [set(edition.measures) for edition in form.editions if edition.layout == "sheet"]
    printed = set.intersection(*sheets) if sheets else set(form.measure_names)
    totals = {balance.total for balance in form.balances}
    for measure in form.measures:
        if measure.name in printed & totals and not pd.isna(row[measure.name]):
            label = label_measure(form, measure.name, language)
            yield f"{label[:1].lower()}{label[1:]} {number_words(row[measure.name], language)}"
    for rate, value in zip(form.rates, rates_of(row, reference), strict=True):
        label = rate.label_vi if language is Language.VI else rate.label_en
        yield f"{label[:1].lower()}{label[1:]} {percent_words(value, language)}"


def _present(dataset: TownDataset) -> list[tuple[str, str, str, Any]]:
    """List the scopes that have units, with their words and their row."""
    scopes = ((scope, vi, en, whole_rows(dataset, scope)) for scope, vi, en in _SCOPES)
    return [(scope, vi, en, rows.iloc[0]) for scope, vi, en, rows in scopes if not rows.empty]


def _scope_names(dataset: TownDataset, language: Language) -> list[str]:
    return [
        f"{vi if language is Language.VI else en} ({int(row['units_in'])}/{int(row['units_expected'])})"
        for _, vi, en, row in _present(dataset)
    ]


def _table(dataset: TownDataset, reference: Reference, language: Language) -> Iterable[list[str]]:
    """Give a row per measure, a column per scope; what no scope reports is left out."""
    rows = [row for *_, row in _present(dataset)]
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
