"""Put files in their places for good: all of a file or nothing of it, whatever is killed or loses its power."""

import hashlib
import os
import tempfile
from pathlib import Path


def put_file(path: Path, content: bytes) -> bool:
    """Put a file in its place at once and for good, unless it lies there already; tell whether it was written."""
    if path.exists() and path.read_bytes() == content:
        return False
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(aside).chmod(0o644)
        os.replace(aside, path)  # noqa: PTH105 (the one call that replaces at once)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return True


def sha256_of(path: Path) -> str | None:
    """Give the sha256 of a file. *Missing*: None where no file is."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder itself survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
