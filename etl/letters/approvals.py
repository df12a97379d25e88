"""Compose the letters about a report that needs the operator's word: the question, and what the ward is told of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from etl.letters.addresses import addresses_of
from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.model import Language, Unit
from etl.periods import Period
from etl.phrases import clean, moment_words, name_period
from etl.reference import Reference
from etl.standing import Stand

PAGE = "/required_actions?response_received=false"  # of Airflow: all questions that wait for an answer
MOST_LINES = 40
_RULING_TAGS = {
    Stand.COUNTS: ("Đã duyệt", "Approved"),
    Stand.REFUSED: ("Không duyệt", "Not approved"),
    Stand.SET_ASIDE: ("Không còn được tính", "No longer counted"),
}


def compose_waiting(waiting: Mapping[str, str], reference: Reference, url: str | None = None) -> Message:
    """Tell the operator that a report waits for a word, and where to give it; once for each report.

    `waiting`: as `etl.rulings.find_waiting` gives it. `url`: the address of Airflow, where it is known.
    """
    facts = {language: _waiting_facts(waiting, reference, url, language) for language in Language}
    text, html = render_letter("waiting", reference.town.language, facts)
    own = facts[Language(reference.town.language)]
    head = "[Chờ duyệt]" if reference.town.language == Language.VI else "[Waiting for approval]"
    return Message(
        kind=MailKind.ALERT,
        topic=waiting["key"],
        state=waiting["cause"],
        recipients=reference.town.operator_recipients,
        subject=subject_line(f"{head} {own['unit']}", own["period"]),
        text=text,
        html=html,
    )


def compose_ruling(
    reference: Reference,
    *,
    unit: Unit,
    period: Period,
    file_name: str,
    submission: str,
    is_counted: bool,
    reason: str,
    author: str,
    ruled_at: datetime,
    had_waited: bool = True,
    counting: tuple[str, datetime] | None = None,
) -> Message:
    """Tell a ward whether its report counts, who said so and why; once for each ruling.

    `had_waited`: whether it waited for this word; if not, it stood as counted, replaced or older. `counting`: file
    name and receipt time of the report that counts by now for the unit and period. *Missing*: None where none does;
    of a report refused while it waited, what else counts is left open then.
    """
    ruling = Stand.COUNTS if is_counted else Stand.REFUSED if had_waited else Stand.SET_ASIDE
    addresses = addresses_of([unit.code], reference)
    facts = {
        language: {
            "town": reference.town.name_vi if language is Language.VI else reference.town.name_en,
            "unit": unit.full_name,
            "period": name_period(period.key, language),
            "file_name": clean(file_name, 120),
            "sha": submission[:12],
            "ruling": str(ruling),
            "counting": _counting_facts(counting, reference, language),
            "reason": clean(reason, 600),
            "author": clean(author, 120),
            "ruled": moment_words(ruled_at.astimezone(reference.town.time_zone), language),
            "is_forwarded": not addresses,
        }
        for language in Language
    }
    text, html = render_letter("ruling", reference.town.language, facts)
    return Message(
        kind=MailKind.RECEIPT,
        topic=f"{submission}:{unit.code}:{period.key}:ruling",
        state=f"{'counts' if is_counted else 'set aside'} {ruled_at.isoformat()}",
        recipients=addresses or reference.town.operator_recipients,
        subject=_ruling_subject(unit, period, reference, ruling),
        text=text,
        html=html,
    )


def _waiting_facts(
    waiting: Mapping[str, str], reference: Reference, url: str | None, language: Language
) -> dict[str, Any]:
    lines = [line.strip() for line in waiting["body"].splitlines() if line.strip()]
    table = [_cells(line) for line in lines if line.startswith("|") and not set(line) <= set("|-: ")]
    return {
        "town": reference.town.name_vi if language is Language.VI else reference.town.name_en,
        "unit": clean(waiting["unit_name"], 80),
        "unit_code": clean(waiting["unit"], 20),
        "period": name_period(waiting["period"], language),
        "period_key": clean(waiting["period"], 40),
        "cause": waiting["cause"],
        "file_name": clean(waiting["file"], 120),
        "received": clean(waiting["received_at"], 60),
        "sha": waiting["submission"][:12],
        "lines": [_words(line) for line in lines if not line.startswith("|")][:MOST_LINES],
        "table": [row for row in table if len(row) == len(table[0])][:MOST_LINES],
        "page": clean(url.rstrip("/"), 300) + PAGE if url else "",
    }


def _cells(line: str) -> list[str]:
    """Give the cells of a line of a Markdown table."""
    return [_words(cell) for cell in line.strip("|").split("|")]


def _words(line: str) -> str:
    """Take Markdown's marks from a line that a mail shows as it is."""
    return clean(line.removeprefix("- ").replace("**", "").replace("`", "").strip(), 400)


def _counting_facts(
    counting: tuple[str, datetime] | None, reference: Reference, language: Language
) -> dict[str, str] | None:
    if counting is None:
        return None
    name, received_at = counting
    received = moment_words(received_at.astimezone(reference.town.time_zone), language)
    return {"name": clean(name, 120), "received": received}


def _ruling_subject(unit: Unit, period: Period, reference: Reference, ruling: Stand) -> str:
    language = Language(reference.town.language)
    tag = _RULING_TAGS[ruling][language is Language.EN]
    return subject_line(f"[{tag}] {unit.name}", name_period(period.key, language))
