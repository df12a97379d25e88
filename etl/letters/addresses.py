"""To whom a letter about a file goes: the unit in whose folder of the inbox it lay, and those it speaks of."""

from collections.abc import Iterable

from etl.model import Submission
from etl.periods import fold
from etl.reference import Reference


def sender_code(submission: Submission, reference: Reference) -> str | None:
    """Give the code of the unit in whose folder of the inbox the file lay."""
    if not submission.sent_by:
        return None
    name = fold(submission.sent_by)
    return next((u.code for u in reference.units if name in (fold(u.code), fold(u.name), fold(u.full_name))), None)


def addresses_of(codes: Iterable[str], reference: Reference) -> tuple[str, ...]:
    """Give the addresses of these units, each once."""
    known = reference.town.ward_recipients
    return tuple(dict.fromkeys(address for code in codes for address in known.get(code, ())))


def sender_name(submission: Submission, reference: Reference) -> str:
    """Give the full name of the unit in whose folder the file lay, as it is now. *Missing*: ""."""
    code = sender_code(submission, reference)
    day = submission.received_at.date()
    known = [unit for unit in reference.units if unit.code == code]
    now = [unit for unit in known if unit.is_valid_on(day)]
    return next((unit.full_name for unit in (*now, *known)), "")
