"""What becomes of a mail: decided from its bytes and the addresses in town.yaml alone."""

from dataclasses import dataclass
from enum import StrEnum

from etl.mailbox.files import MailedFiles, MalformedError, find_files
from etl.mailbox.head import Head, read_head
from etl.mailbox.sender import Doubt, find_codes
from etl.reference import Reference
from etl.senders import join_codes


class Outcome(StrEnum):
    """What became of a mail, as the table mail_message has it."""

    TAKEN = "taken"
    QUARANTINED = "quarantined"
    NOTHING_ATTACHED = "nothing attached"
    TOO_LARGE = "too large"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class SortedMail:
    """A mail and what becomes of it. `codes`: the units its sender is registered for, none for a stranger.

    *Missing*: `doubt` None where nothing speaks against the sender.
    """

    head: Head
    files: MailedFiles
    codes: tuple[str, ...]
    outcome: Outcome
    doubt: Doubt | None = None

    @property
    def unit_code(self) -> str | None:
        """The unit that sent it. *Missing*: None for a stranger, and where one address stands for several units."""
        return self.codes[0] if len(self.codes) == 1 else None

    @property
    def sent_by(self) -> str | None:
        """The units whose address it came from, all of them: it may speak for these. *Missing*: None for a stranger."""
        return join_codes(self.codes)


def sort_mail(raw: bytes, reference: Reference) -> SortedMail:
    """Decide what becomes of a mail; hostile bytes are an outcome like any other."""
    head = read_head(raw)
    codes = find_codes(head.sender.address, reference.town.ward_recipients)
    doubt = head.sender.doubt or (None if codes else Doubt.UNKNOWN)
    if head.is_notice:  # holds our own letter, files and all
        return SortedMail(head, MailedFiles(), codes, Outcome.AUTOMATIC, doubt)
    try:
        files = find_files(raw)
    except MalformedError:
        return SortedMail(head, MailedFiles(), codes, Outcome.QUARANTINED, Doubt.MALFORMED)
    if not files.reports:
        outcome = Outcome.AUTOMATIC if head.is_automatic else Outcome.NOTHING_ATTACHED
        return SortedMail(head, files, codes, outcome, doubt)
    return SortedMail(head, files, codes, Outcome.QUARANTINED if doubt else Outcome.TAKEN, doubt)


def sort_large_mail(header: bytes, reference: Reference) -> SortedMail:
    """Decide what becomes of a mail that is too large to be fetched, by its header."""
    head = read_head(header)
    codes = find_codes(head.sender.address, reference.town.ward_recipients)
    outcome = Outcome.AUTOMATIC if head.is_automatic else Outcome.TOO_LARGE
    return SortedMail(head, MailedFiles(), codes, outcome, head.sender.doubt or (None if codes else Doubt.UNKNOWN))
