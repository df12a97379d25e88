"""Who sent a file, in one text (`sent_by`): "09574/2024", folders of the inbox; "09574+09577", a mail address of two.

The two signs differ: whoever may write in a folder may make another in it, and must not become somebody else by it.
"""

from collections.abc import Iterable

_INSIDE, _BESIDE = "/", "+"


def join_codes(codes: Iterable[str]) -> str | None:
    """Name a sender by the codes of all its units, always in the same order. *Missing*: None without any."""
    return _BESIDE.join(sorted(set(codes))) or None


def split_sender(sent_by: str | None) -> list[list[str]]:
    """Give the folders a file lay in, the outermost first, each with what it names: one unit, several, or none."""
    folders = [folder.split(_BESIDE) for folder in (sent_by or "").split(_INSIDE)]
    return [[name.strip() for name in folder if name.strip()] for folder in folders]


def list_names(sent_by: str | None) -> list[str]:
    """List all that the folders a file lay in name, whichever of them does."""
    return [name for folder in split_sender(sent_by) for name in folder]
