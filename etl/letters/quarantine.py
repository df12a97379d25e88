"""Compose the notice of a mail in quarantine: nothing was taken from it, and the operator decides."""

from datetime import datetime
from typing import Any

from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.mailbox.sorting import SortedMail
from etl.model import Language
from etl.phrases import clean, moment_words
from etl.reference import Reference

MOST_FILES = 20


def compose_quarantine(mail: SortedMail, sha256: str, received_at: datetime, reference: Reference) -> Message:
    """Tell the operator who sent what, why it was not taken, and what makes it be taken; once for each mail.

    Of all letters this one alone shows a stranger's address: the operator must compare it.
    """
    facts = {language: _facts(mail, sha256, received_at, reference, language) for language in Language}
    text, html = render_letter("quarantine", reference.town.language, facts)
    is_vi = reference.town.language == Language.VI
    return Message(
        kind=MailKind.ALERT,
        topic=f"mail:{sha256}",
        state=f"{mail.outcome}: {mail.doubt}",
        recipients=reference.town.operator_recipients,
        subject=subject_line(
            "[Thư chưa nhận]" if is_vi else "[Mail not taken]", clean(mail.head.sender.address or "?", 100)
        ),
        text=text,
        html=html,
    )


def _facts(
    mail: SortedMail, sha256: str, received_at: datetime, reference: Reference, language: Language
) -> dict[str, Any]:
    names = mail.files.names
    return {
        "sender": clean(mail.head.sender.address or "?", 250),
        "received": moment_words(received_at.astimezone(reference.town.time_zone), language),
        "files": [clean(name, 120) for name in names[:MOST_FILES]],
        "more_files": max(0, len(names) - MOST_FILES),
        "doubt": str(mail.doubt or ""),
        "is_large": mail.outcome == "too large",
        "sha": sha256[:12],
    }
