"""The hop from the inbox to the archive: nothing reads a file before its bytes are safe."""

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from upath import UPath

from etl.disk import sync_folder
from etl.errors import ConfigError
from etl.model import Submission

# What programs leave beside a file while they write it, and what nobody sends on purpose.
UNFINISHED_PREFIXES = ("~$", ".", "~")
UNFINISHED_SUFFIXES = (".part", ".tmp", ".crdownload", ".filepart", ".swp")
CHUNK_BYTES = 1 << 20
DEEPEST_FOLDER = 5
LAST_ROUND = ".last-round"  # in the archive: when the inbox was last looked into


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file in the inbox that nobody is writing any more. `sent_by`: the folders it lies in ("09574"), if any."""

    path: UPath
    size_bytes: int
    modified: float
    sent_by: str | None


def find_arrivals(inbox: str, *, settle_seconds: int, now: datetime | None = None) -> Iterator[Arrival]:
    """List the files that lie still in the inbox or in a sender's folder below it, oldest first.

    A file changed less than `settle_seconds` ago is left for the next round. Links are never followed.
    """
    root, arrivals = UPath(inbox), []
    settled = ((now or datetime.now(UTC)) - timedelta(seconds=settle_seconds)).timestamp()
    for path in _files(root):
        described = _described(path, root)
        if described and described.modified <= settled:
            arrivals.append(described)
    yield from sorted(arrivals, key=lambda arrival: (arrival.modified, str(arrival.path)))


def receive(arrival: Arrival, archive: Path, *, now: datetime | None = None) -> Submission | None:
    """Copy a file to the archive under its sha256, where it never changes again.

    *Missing*: None where the file changed or vanished while it was read; the next round takes it.
    *Raises*: OSError where the inbox's file cannot be read; ConfigError where the archive cannot be written.
    """
    with _aside(archive) as copied:
        digest = _copy(arrival.path, copied, archive)
        unchanged = _described(arrival.path, arrival.path.parent)
        with _writing(archive):
            size_bytes = copied.stat().st_size
            if unchanged is None or (unchanged.size_bytes, unchanged.modified) != (size_bytes, arrival.modified):
                return None
            target = _keep(copied, archived_path(archive, digest))
    return Submission(
        sha256=digest,
        name=clean_name(arrival.path.name),
        size_bytes=size_bytes,
        received_at=now or datetime.now(UTC),
        path=target,
        modified_at=datetime.fromtimestamp(arrival.modified, UTC) if arrival.modified else None,
        sent_by="/".join(map(clean_name, arrival.sent_by.split("/"))) if arrival.sent_by else None,
    )


def keep(content: bytes, archive: Path) -> tuple[str, Path]:
    """Put bytes into the archive, where they never change again; give their sha256 and their place.

    *Raises*: ConfigError where the archive cannot be written.
    """
    digest = hashlib.sha256(content).hexdigest()
    with _aside(archive) as aside:
        with _open_target(aside, archive) as target, _writing(archive):
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        with _writing(archive):
            return digest, _keep(aside, archived_path(archive, digest))


def note_round(archive: Path) -> None:
    """Leave word of when the inbox was last looked into. *Raises*: ConfigError where the archive cannot be written."""
    with _writing(archive):
        archive.mkdir(parents=True, exist_ok=True)
        (archive / LAST_ROUND).touch()


def archived_path(archive: Path, sha256: str) -> Path:
    """Say where the archive keeps the bytes with this hash."""
    return archive / sha256[:2] / sha256


def forget(arrival: Arrival) -> None:
    """Take a received file out of the inbox, unless it changed since it was read."""
    current = _described(arrival.path, arrival.path.parent)
    if current and (current.size_bytes, current.modified) == (arrival.size_bytes, arrival.modified):
        arrival.path.unlink(missing_ok=True)


def _files(folder: UPath, depth: int = 0) -> Iterator[UPath]:
    """Give the files of the inbox and of the folders in it."""
    if not folder.exists():
        return
    for entry in folder.iterdir():
        if _is_link(entry) or entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files(entry, depth + 1) if depth < DEEPEST_FOLDER else ()
        elif entry.is_file():
            yield entry


def _is_link(path: UPath) -> bool:
    return path.is_symlink() if path.protocol in ("", "file", "local") else False


def _described(path: UPath, root: UPath) -> Arrival | None:
    if path.name.startswith(UNFINISHED_PREFIXES) or path.name.lower().endswith(UNFINISHED_SUFFIXES):
        return None
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    folders = path.parent.path.removeprefix(root.path).strip("/")
    return Arrival(path, int(status.st_size), float(status.st_mtime or 0), folders or None)


@contextmanager
def _writing(archive: Path) -> Iterator[None]:
    """Say whose fault it is when the archive cannot be written: no ward's, and no next round mends it."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        problem = f"the archive {archive} cannot be written: {why}. Look at its rights and at the free space"
        raise ConfigError(f"{problem}; what was not archived stays in the inbox") from error


@contextmanager
def _aside(archive: Path) -> Iterator[Path]:
    """Make an empty file beside the archive's; whatever happens, nothing is left of it."""
    with _writing(archive):
        archive.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".arriving-", dir=archive)
        os.close(handle)
    try:
        yield Path(name)
    finally:
        with _writing(archive):
            Path(name).unlink(missing_ok=True)


def _copy(source: UPath, copied: Path, archive: Path) -> str:
    """Copy a file, hashing on the way, and make sure the bytes are on the disk; give their sha256."""
    digest = hashlib.sha256()
    with source.open("rb") as stream, _open_target(copied, archive) as target:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            with _writing(archive):
                target.write(chunk)
        with _writing(archive):
            target.flush()
            os.fsync(target.fileno())
    return digest.hexdigest()


@contextmanager
def _open_target(path: Path, archive: Path) -> Iterator[BinaryIO]:
    """Open the copy; closing it writes too, and may find the disk full."""
    with _writing(archive):
        target = path.open("wb")
    try:
        yield target
    finally:
        with _writing(archive):
            target.close()


def _keep(copied: Path, target: Path) -> Path:
    """Give the copy its place for good, unless the same bytes lie there already."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        copied.chmod(0o444)
        copied.replace(target)
        sync_folder(target.parent)
    return target


def clean_name(name: str) -> str:
    """Keep a name readable and storable: valid Unicode, composed, no controls, no path."""
    valid = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    composed = unicodedata.normalize("NFC", valid)
    shown = "".join(c for c in composed if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return shown.replace("/", "_")[:200] or "_"
