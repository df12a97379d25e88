"""The archive's files in a backup: kept once for all backups of a folder, by the name that is their sha256."""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from etl.disk import sha256_of, sync_folder
from etl.keeping.manifest import BLOCK, read_packed
from etl.receive import archived_path

FOLDER = "archive"
SAID_EVERY = 1_000  # files


def copy_file(sha256: str, source: Path, target: Path) -> bool | None:
    """Copy a file of one archive to another, unless it is there; tell whether it was copied.

    *Missing*: None where the source has lost it, or has other bytes under its name; then nothing is left of it.
    """
    wanted, lying = archived_path(target, sha256), archived_path(source, sha256)
    if wanted.is_file():
        try:
            if wanted.stat().st_size == lying.stat().st_size:
                return False
        except FileNotFoundError:
            return False  # lost since it was copied
        if sha256_of(wanted) == sha256:
            return False
    if not lying.is_file():
        return None
    wanted.parent.mkdir(parents=True, exist_ok=True)
    return True if _copy(lying, wanted, sha256) else None


def find_damaged(hashes: Iterable[str], archive: Path) -> Iterator[tuple[str, str]]:
    """Read files of an archive; name those that are "missing", or whose content is "other bytes"."""
    for sha256 in hashes:
        found = sha256_of(archived_path(archive, sha256))
        if found is None:
            yield sha256, "missing"
        elif found != sha256:
            yield sha256, "other bytes"


def write_list(path: Path, hashes: Iterable[str]) -> str:
    """Write down which files belong to a backup; give the sha256 of the list."""
    content = "".join(f"{sha256}\n" for sha256 in hashes).encode()
    path.write_bytes(gzip.compress(content, mtime=0))
    return hashlib.sha256(content).hexdigest()


def read_list(path: Path) -> list[str]:
    """Read which files belong to a backup."""
    return b"".join(read_packed(path)).decode().splitlines()


def _copy(source: Path, target: Path, sha256: str) -> bool:
    """Copy aside, hashing on the way, and put the copy in its place only if it is what its name says."""
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".copying-")
    digest = hashlib.sha256()
    try:
        with source.open("rb") as stream, os.fdopen(handle, "wb") as copy:
            while block := stream.read(BLOCK):
                digest.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        if digest.hexdigest() != sha256:
            return False
        Path(aside).chmod(0o444)
        Path(aside).replace(target)
        sync_folder(target.parent)
        return True
    finally:
        Path(aside).unlink(missing_ok=True)
