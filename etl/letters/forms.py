"""Compose the mail that hands a unit its form for a period."""

import hashlib
from typing import Any

from etl.letters.addresses import addresses_of
from etl.letters.rendering import render_letter, subject_line
from etl.mail import Attachment, MailKind, Message
from etl.model import Language, Unit
from etl.periods import Period
from etl.phrases import clean, moment_words, name_period
from etl.reference import Reference


def compose_form_letter(
    unit: Unit, period: Period, form: Attachment, reference: Reference, *, mailbox: str = ""
) -> Message:
    """Hand a unit its form, once for each content: the same form is not mailed twice.

    It goes to the operator where the unit has no address. `mailbox`: the address that takes reports by mail, if one
    does.
    """
    addresses = addresses_of([unit.code], reference)
    facts = {
        language: _facts(unit, period, reference, language)
        | {"file_name": clean(form.name, 120), "mailbox": clean(mailbox, 120), "is_forwarded": not addresses}
        for language in Language
    }
    text, html = render_letter("form", reference.town.language, facts)
    return Message(
        kind=MailKind.TEMPLATE,
        topic=f"{unit.code}:{unit.valid_from or ''}:{period.key}",
        state=hashlib.sha256(form.content).hexdigest()[:32],
        recipients=addresses or reference.town.operator_recipients,
        subject=_subject(facts[Language(reference.town.language)], reference),
        text=text,
        html=html,
        attachments=(form,),
    )


def _subject(facts: dict[str, Any], reference: Reference) -> str:
    is_vi = reference.town.language == Language.VI
    due = (f"hạn {facts['due']}" if is_vi else f"due at {facts['due']}") if facts["due"] else ""
    return subject_line(f"[{'Biểu mẫu' if is_vi else 'Form'}] {facts['unit']}", facts["period"], due)


def _facts(unit: Unit, period: Period, reference: Reference, language: Language) -> dict[str, Any]:
    """Gather what the templates of one language show; every text in it is already one clean line."""
    due = reference.town.due_at(period)
    return {
        "town": reference.town.name_vi if language is Language.VI else reference.town.name_en,
        "unit": unit.full_name,
        "unit_code": unit.code,
        "period": name_period(period.key, language),
        "span": f"{period.start:%d/%m/%Y} – {period.end:%d/%m/%Y}",
        "due": moment_words(due, language) if due else "",
        "operator": list(reference.town.operator_recipients),
    }
