"""Compose a notice of repetition: a ward sent again what was received before, and another file counts by now."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from etl.letters.addresses import addresses_of, sender_code, sender_name
from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.model import Counting, Language, Submission
from etl.phrases import clean, moment_words, name_period
from etl.reference import Reference

MOST_REPORTS = 12


def compose_repeat(submission: Submission, instead: Sequence[Counting], reference: Reference) -> Message:
    """Tell a ward that the same bytes are one submission, which file counts, and how to have the old figures again.

    `instead`: what counts instead of the file's reports, at least one. Once for each such state.
    """
    codes = [sender_code(submission, reference), *(one.unit_code for one in instead)]
    addresses = addresses_of((code for code in codes if code), reference)
    facts = {
        language: _facts(submission, instead, reference, language) | {"is_forwarded": not addresses}
        for language in Language
    }
    text, html = render_letter("repeat", reference.town.language, facts)
    is_vi = reference.town.language == Language.VI
    return Message(
        kind=MailKind.RECEIPT,
        topic=f"{submission.sha256}:again",
        state=_state(instead),
        recipients=addresses or reference.town.operator_recipients,
        subject=subject_line("[Đã nhận trước đây]" if is_vi else "[Already received]", clean(submission.name, 80)),
        text=text,
        html=html,
    )


def _state(instead: Sequence[Counting]) -> str:
    stated = sorted([one.unit_code, one.period_key, one.sha256] for one in instead)
    return hashlib.sha256(json.dumps(stated, ensure_ascii=False).encode()).hexdigest()[:32]


def _facts(
    submission: Submission, instead: Sequence[Counting], reference: Reference, language: Language
) -> dict[str, Any]:
    zone = reference.town.time_zone
    return {
        "unit": sender_name(submission, reference),
        "file_name": clean(submission.name, 120),
        "sha": submission.sha256[:12],
        "known_at": moment_words(instead[0].known_at.astimezone(zone), language),
        "known_name": clean(instead[0].known_name, 120),
        "reports": [
            {
                "about": f"{one.unit_name}, {name_period(one.period_key, language)}",
                "name": clean(one.name, 120),
                "is_waiting": one.is_waiting,
                "received": moment_words(one.received_at.astimezone(zone), language),
            }
            for one in instead[:MOST_REPORTS]
        ],
        "is_waiting": any(one.is_waiting for one in instead),
        "more_reports": max(0, len(instead) - MOST_REPORTS),
    }
