"""Compose the answer to a ward's mail from which nothing could be taken: no report file in it, or too large."""

from datetime import datetime
from typing import Any

from etl.letters.addresses import name_unit
from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.mailbox.sorting import SortedMail
from etl.model import Language
from etl.phrases import clean, moment_words
from etl.reference import Reference

MOST_FILES = 20


def compose_no_report(mail: SortedMail, sha256: str, received_at: datetime, reference: Reference) -> Message:
    """Tell a ward, at the address it wrote from, what was found instead of a report; once for each mail."""
    facts = {language: _facts(mail, received_at, reference, language) for language in Language}
    text, html = render_letter("no_report", reference.town.language, facts)
    is_vi = reference.town.language == Language.VI
    return Message(
        kind=MailKind.RECEIPT,
        topic=f"mail:{sha256}",
        state=str(mail.outcome),
        recipients=(mail.head.sender.address,) if mail.head.sender.address else (),
        subject=subject_line(
            "[Chưa nhận được báo cáo]" if is_vi else "[No report received]",
            moment_words(received_at.astimezone(reference.town.time_zone), Language.VI if is_vi else Language.EN),
        ),
        text=text,
        html=html,
    )


def _facts(mail: SortedMail, received_at: datetime, reference: Reference, language: Language) -> dict[str, Any]:
    names = mail.files.others
    return {
        "unit": name_unit(mail.unit_code or "", received_at.date(), reference),
        "received": moment_words(received_at.astimezone(reference.town.time_zone), language),
        "files": [clean(name, 120) for name in names[:MOST_FILES]],
        "more_files": max(0, len(names) - MOST_FILES),
        "is_large": mail.outcome == "too large",
    }
