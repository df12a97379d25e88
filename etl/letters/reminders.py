"""Compose a reminder: which report a unit owes, until or since when, what became of the last file, how to send it."""

from collections.abc import Sequence
from typing import Any

from etl.letters.addresses import addresses_of
from etl.letters.rendering import render_letter, subject_line
from etl.mail import Attachment, MailKind, Message
from etl.model import Language
from etl.phrases import clean, moment_words, name_period, number_words
from etl.reference import Reference
from etl.reminders import Owed, Reminder

MOST_UNITS = 200


def compose_reminder(
    reminder: Reminder, reference: Reference, *, mailbox: str = "", attachments: Sequence[Attachment] = ()
) -> Message:
    """Tell a unit what it still owes; once for each stage, with the operator in copy from the due moment on.

    `mailbox`: the address that takes reports by mail, if one does. `attachments`: the form to fill in.
    """
    facts = {
        language: _facts(reminder, reference, language)
        | {"mailbox": clean(mailbox, 120), "forms": [clean(one.name, 120) for one in attachments]}
        for language in Language
    }
    text, html = render_letter("reminder", reference.town.language, facts)
    return Message(
        kind=MailKind.REMINDER,
        topic=unit_topic(reminder.owed),
        state=str(reminder.stage),
        recipients=addresses_of([reminder.owed.unit.code], reference),
        subject=_subject(reminder, facts[Language(reference.town.language)], reference),
        text=text,
        html=html,
        attachments=tuple(attachments),
        copies=reference.town.operator_recipients if reminder.is_past_due else (),
    )


def compose_unreachable(reminders: Sequence[Reminder], reference: Reference) -> Message:
    """Tell the operator which units owe a report of a period and have no address; once for each stage.

    `reminders`: at least one, all of one period and stage.
    """
    first = reminders[0]
    facts = {
        language: _facts(first, reference, language)
        | {
            "units": [_unit_line(one, reference, language) for one in reminders[:MOST_UNITS]],
            "more_units": max(0, len(reminders) - MOST_UNITS),
        }
        for language in Language
    }
    text, html = render_letter("unreachable", reference.town.language, facts)
    language = Language(reference.town.language)
    count = f"{len(reminders)} đơn vị" if language is Language.VI else f"{len(reminders)} units"
    head = "[Nhắc giúp: chưa có địa chỉ thư]" if language is Language.VI else "[Please remind: no address]"
    return Message(
        kind=MailKind.REMINDER,
        topic=town_topic(first.owed),
        state=str(first.stage),
        recipients=reference.town.operator_recipients,
        subject=subject_line(f"{head} {name_period(first.owed.period.key, language)}", count),
        text=text,
        html=html,
    )


def unit_topic(owed: Owed) -> str:
    """Name what the reminders of a unit speak about; a code alone may mean another unit in another year."""
    return f"{owed.unit.code}:{owed.unit.valid_from or ''}:{owed.period.key}"


def town_topic(owed: Owed) -> str:
    """Name what the mail about units without an address speaks about."""
    return f"without-address:{owed.period.key}"


def _subject(reminder: Reminder, facts: dict[str, Any], reference: Reference) -> str:
    is_vi = reference.town.language == Language.VI
    if not reminder.is_past_due:
        head, tail = ("Nhắc nộp báo cáo", "hạn") if is_vi else ("Report due", "due at")
        return subject_line(f"[{head}] {facts['unit']}", facts["period"], f"{tail} {facts['due']}")
    head = ("Quá hạn" if is_vi else "Overdue") + (f" {facts['late']}" if facts["late"] else "")
    return subject_line(f"[{head}] {facts['unit']}", facts["period"])


def _facts(reminder: Reminder, reference: Reference, language: Language) -> dict[str, Any]:
    """Gather what the templates of one language show; every text in it is already one clean line."""
    is_vi, zone = language is Language.VI, reference.town.time_zone
    return {
        "town": reference.town.name_vi if is_vi else reference.town.name_en,
        "unit": reminder.owed.unit.full_name,
        "unit_code": reminder.owed.unit.code,
        "period": name_period(reminder.owed.period.key, language),
        "span": f"{reminder.owed.period.start:%d/%m/%Y} – {reminder.owed.period.end:%d/%m/%Y}",
        "due": moment_words(reminder.owed.due_at.astimezone(zone), language),
        "now": moment_words(reminder.at.astimezone(zone), language),
        "is_past_due": reminder.is_past_due,
        "is_today": reminder.is_due_today,
        "late": _days_words(reminder.days_late, language),
        "failed": _failed_facts(reminder, reference, language),
        "operator": list(reference.town.operator_recipients),
    }


def _days_words(days: int, language: Language) -> str:
    """Write a number of days. *Missing*: "" for none."""
    if not days:
        return ""
    return f"{days} ngày" if language is Language.VI else f"{days} day{'s' * (days != 1)}"


def _failed_facts(reminder: Reminder, reference: Reference, language: Language) -> dict[str, Any] | None:
    failed = reminder.owed.failed
    if failed is None:
        return None
    errors = failed.errors
    words = "lỗi" if language is Language.VI else f"error{'s' * (errors != 1)}"
    return {
        "name": clean(failed.name, 120),
        "received": moment_words(failed.received_at.astimezone(reference.town.time_zone), language),
        "is_unreadable": errors is None,
        "errors": f"{number_words(errors, language)} {words}" if errors else "",
    }


def _unit_line(reminder: Reminder, reference: Reference, language: Language) -> str:
    """Name a unit and what became of what it sent."""
    is_vi, failed = language is Language.VI, _failed_facts(reminder, reference, language)
    if failed is None:
        said = "chưa có báo cáo" if is_vi else "no report yet"
    elif failed["is_unreadable"]:
        words = "tệp nhận lúc {received} không đọc được" if is_vi else "the file received at {received} is unreadable"
        said = words.format(**failed)
    else:
        words = "báo cáo nhận lúc {received} còn phải sửa" if is_vi else "the report received at {received} is wrong"
        said = words.format(**failed) + (f": {failed['errors']}" if failed["errors"] else "")
    return f"{reminder.owed.unit.full_name} ({reminder.owed.unit.code}): {said}"
