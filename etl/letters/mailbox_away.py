"""Compose the notice that the mailbox cannot be read: the wards' mails wait there, and somebody must mend it."""

from datetime import datetime

from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.model import Language
from etl.phrases import clean, moment_words
from etl.reference import Reference


def compose_mailbox_away(
    mailbox: str, trouble: str, reference: Reference, *, since: datetime, now: datetime
) -> Message:
    """Tell the operator since when, and what the server said; once a day while it lasts."""
    zone = reference.town.time_zone
    facts = {
        language: {
            "mailbox": clean(mailbox, 250),
            "trouble": clean(trouble, 250),
            "since": moment_words(since.astimezone(zone), language),
        }
        for language in Language
    }
    text, html = render_letter("mailbox_away", reference.town.language, facts)
    is_vi = reference.town.language == Language.VI
    return Message(
        kind=MailKind.ALERT,
        topic=f"mailbox:{mailbox}",
        state=f"away since {since.isoformat()} on {now.astimezone(zone).date()}",
        recipients=reference.town.operator_recipients,
        subject=subject_line(
            "[Không đọc được hộp thư]" if is_vi else "[Mailbox cannot be read]",
            facts[Language(reference.town.language)]["since"],
        ),
        text=text,
        html=html,
    )
