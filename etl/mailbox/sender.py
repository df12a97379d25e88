"""Who a mail says it is from, and whether that can be believed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()\\]*\)")
_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+"
_ALONE = re.compile(rf"\s*({_ADDRESS})\s*")
_NAMED = re.compile(rf"([^<>@,:;()\[\]\\\"]*)<\s*({_ADDRESS})\s*>\s*")
_NAMED_BY_ITSELF = re.compile(rf"\s*({_ADDRESS})\s*<\s*({_ADDRESS})\s*>\s*")
_FAILED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)


class Doubt(StrEnum):
    """Why nothing is taken from a mail, although it holds a report file or may hold one."""

    UNKNOWN = "unknown sender"
    NONE = "no sender"
    SEVERAL = "several senders"
    FORGED = "forged sender"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Sender:
    """The one address a mail is from, in small letters; else why there is none. A forged one has both."""

    address: str | None
    doubt: Doubt | None = None


def find_sender(headers: Sequence[tuple[str, str]]) -> Sender:
    """Find the one address in the From header, read strictly: what two programs could read in two ways is refused.

    A mail whose domain's own rule (DMARC) failed, as the last server wrote on top, is doubted. *Not proved*: where
    that server writes no such header, or the domain sets no rule, anybody can write a ward's address into From. A
    header of the sender's own cannot help a forger: he would have to say of himself that he failed. What a forged
    report can do is bounded elsewhere: the ward is sent the receipt, and sees what it never sent.
    """
    written = [value for name, value in headers if name.strip().lower() == "from"]
    if not written or not any(value.strip() for value in written):
        return Sender(None, Doubt.NONE)
    address = _read_address(written[0]) if len(written) == 1 else None
    if address is None:
        is_one = len(written) == 1 and "@" not in written[0]
        return Sender(None, Doubt.NONE if is_one else Doubt.SEVERAL)
    return Sender(address, Doubt.FORGED if _is_failed(headers) else None)


def find_codes(address: str | None, registered: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """List the codes of the units that an address is registered for in town.yaml."""
    return tuple(code for code, known in registered.items() if address in {one.strip().lower() for one in known})


def _read_address(value: str) -> str | None:
    """Read `a@b`, `Name <a@b>` or `a@b <a@b>`; a name may be quoted or encoded, but is never looked into."""
    line = re.sub(r"\r?\n(?=[ \t])", "", value)
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line) or len(line) > 1_000:
        return None
    plain = _COMMENT.sub(" ", _QUOTED.sub(" ", line))
    if match := _ALONE.fullmatch(plain):
        return match[1].lower()
    if match := _NAMED.fullmatch(plain):
        return match[2].lower()
    match = _NAMED_BY_ITSELF.fullmatch(plain)
    return match[2].lower() if match and match[1].lower() == match[2].lower() else None


def _is_failed(headers: Sequence[tuple[str, str]]) -> bool:
    """Look at the topmost verdict only: those below it were there before our server got the mail."""
    written = (value for name, value in headers if name.strip().lower() == "authentication-results")
    return bool(_FAILED.search(_COMMENT.sub(" ", _QUOTED.sub(" ", next(written, "")))))
