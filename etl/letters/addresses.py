"""To whom a letter about a file goes: the unit in whose folder of the inbox it lay, and those it speaks of."""

from collections.abc import Iterable, Sequence
from datetime import date

from etl.model import Submission
from etl.periods import fold
from etl.reference import Reference
from etl.senders import join_codes, list_names, split_sender


def sender_code(submission: Submission, reference: Reference) -> str | None:
    """Give the code of the unit in whose folder of the inbox the file lay, or whose address mailed it.

    Of an address that several units share: all their codes in one text, which `addresses_of` understands.
    """
    found = ([_code_of(name, reference) for name in folder] for folder in split_sender(submission.sent_by))
    return next((joined for codes in found if (joined := join_codes(code for code in codes if code))), None)


def _code_of(name: str, reference: Reference) -> str | None:
    folded = fold(name)
    return next((u.code for u in reference.units if folded in (fold(u.code), fold(u.name), fold(u.full_name))), None)


def addresses_of(codes: Iterable[str], reference: Reference) -> tuple[str, ...]:
    """Give the addresses of these units, each once."""
    return tuple(dict.fromkeys(one for code in codes for one in _find_shared(list_names(code), reference)))


def _find_shared(codes: Sequence[str], reference: Reference) -> list[str]:
    """Find the addresses that all these units have; where they have none in common by now, those of each."""
    known = [reference.town.ward_recipients.get(code, ()) for code in codes]
    shared = set.intersection(*({one.strip().lower() for one in addresses} for addresses in known))
    return [one for addresses in known for one in addresses if not shared or one.strip().lower() in shared]


def sender_name(submission: Submission, reference: Reference) -> str:
    """Give the full name of the unit in whose folder the file lay, as it is now. *Missing*: ""."""
    codes = list_names(sender_code(submission, reference))
    return ", ".join(name_unit(code, submission.received_at.date(), reference) for code in codes)


def name_unit(code: str, day: date, reference: Reference) -> str:
    """Give a unit's full name as it is on a day, else as it was first. *Missing*: "" where there is no such unit."""
    known = [unit for unit in reference.units if unit.code == code]
    now = [unit for unit in known if unit.is_valid_on(day)]
    return next((unit.full_name for unit in (*now, *known)), "")
