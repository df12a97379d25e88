"""The bytes of a file, as many as are allowed."""

from pathlib import Path

from etl.reading.unreadable import Unreadable, refuse
from etl.settings import Limits


def read_content(path: Path, limits: Limits) -> bytes:
    """Read the bytes of a file. *Raises*: `SubmissionError` where it is away or too large."""
    try:
        with path.open("rb") as stream:
            content = stream.read(limits.max_bytes + 1)
    except IsADirectoryError:
        refuse(Unreadable.FOLDER)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        refuse(Unreadable.MISSING)
    if len(content) > limits.max_bytes:
        refuse(Unreadable.TOO_LARGE, f"> {limits.max_bytes // 1_000_000} MB")
    return content
