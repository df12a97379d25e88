"""Compose the notice that a publication is held: what, why, what stays published, and what lets it go out."""

import hashlib
from collections.abc import Sequence
from typing import Any

from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.model import Finding, Language
from etl.phrases import clean, name_period
from etl.reference import Reference
from etl.town_dataset import TownDataset

MOST_FINDINGS = 20
PLACE = ("rule", "unit", "period", "field", "source_system", "measure", "found", "expected")


def compose_held(
    dataset: TownDataset, findings: Sequence[Finding], reference: Reference, *, last_number: int = 0
) -> Message:
    """Tell the operator which findings hold a period; again only when they, or their figures, are others.

    `findings`: see `etl.check_town.find_holding`; `last_number`: of the publication that stays, 0 where there is none.
    """
    facts = {language: _facts(dataset, findings, reference, last_number, language) for language in Language}
    text, html = render_letter("held", reference.town.language, facts)
    is_vi = reference.town.language == Language.VI
    return Message(
        kind=MailKind.ALERT,
        topic=f"held:{dataset.period.key}",
        state=f"after {last_number}: {_digest(findings)}",
        recipients=reference.town.operator_recipients,
        subject=subject_line(
            "[Chưa công bố]" if is_vi else "[Not published]",
            facts[Language(reference.town.language)]["period"],
            ", ".join(sorted({finding.rule for finding in findings})),
        ),
        text=text,
        html=html,
    )


def _facts(
    dataset: TownDataset, findings: Sequence[Finding], reference: Reference, last_number: int, language: Language
) -> dict[str, Any]:
    is_vi = language is Language.VI
    said = [clean(one.message_vi if is_vi else one.message_en, 600) for one in findings[:MOST_FINDINGS]]
    rules = dict.fromkeys(finding.rule for finding in findings)
    return {
        "town": reference.town.name_vi if is_vi else reference.town.name_en,
        "period": name_period(dataset.period.key, language),
        "last_number": last_number,
        "findings": [f"{one.rule}: {words}" for one, words in zip(findings, said, strict=False)],
        "more_findings": max(0, len(findings) - MOST_FINDINGS),
        "weighed": f"severities: {{{', '.join(f'{rule}: warning' for rule in rules)}}}",
    }


def _digest(findings: Sequence[Finding]) -> str:
    """Name the findings with their figures, in whatever order they were found."""
    places = sorted("\t".join(str(getattr(finding, name)) for name in PLACE) for finding in findings)
    return hashlib.sha256("\n".join(places).encode()).hexdigest()[:16]
