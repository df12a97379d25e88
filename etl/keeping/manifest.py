"""What a backup consists of, written down so that a missing or damaged part of it is found before it is used."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.disk import sha256_of
from etl.errors import ConfigError

NAME = "manifest.json"
ARCHIVE_LIST = "archive.gz"
FORMAT = 1
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A table as it was copied. `sha256`: of its rows as PostgreSQL's COPY writes them, before they are packed."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def file(self) -> str:
        return f"warehouse/{self.name}.gz"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup. `tables`: each after those it refers to; `missing`: files that the archive had lost already."""

    made_at: datetime
    program: str
    postgresql: str
    migrations: Mapping[str, str]
    tables: tuple[TableCopy, ...]
    reference: Mapping[str, str]
    archive_sha256: str
    archive_files: int
    missing: tuple[str, ...] = ()

    def compose(self) -> bytes:
        """Compose the file of the manifest."""
        written = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return (json.dumps(written, ensure_ascii=False, indent=1) + "\n").encode()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a backup. *Raises*: ConfigError where it is damaged, or of a newer program."""
    try:
        read: dict[str, Any] = json.loads((folder / NAME).read_bytes())
        if read.pop("format") != FORMAT:
            raise ConfigError(f"the backup {folder} was made by a newer program: update the program")
        made_at = datetime.fromisoformat(read.pop("made_at"))
        tables = tuple(TableCopy(**{**one, "columns": tuple(one["columns"])}) for one in read.pop("tables"))
        return Manifest(**{**read, "made_at": made_at, "tables": tables, "missing": tuple(read["missing"])})
    except FileNotFoundError as error:
        raise ConfigError(f"{folder} is no backup: it has no {NAME}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"the backup {folder} is damaged: {NAME} cannot be read; take another backup") from error


def find_damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Read all of a backup but the archive, and say what is missing or is not what was written."""
    for table in manifest.tables:
        found = _digest_packed(folder / table.file)
        if found is None or found != (table.sha256, table.rows):
            yield f"{table.file} {'cannot be read' if found is None else 'is not what was written'}"
    found = _digest_packed(folder / ARCHIVE_LIST)
    if found is None or found[0] != manifest.archive_sha256:
        yield f"{ARCHIVE_LIST} {'cannot be read' if found is None else 'is not what was written'}"
    for name, sha256 in manifest.reference.items():
        if sha256_of(folder / "reference" / name) != sha256:
            yield f"reference/{name} is missing or is not what was written"


def read_packed(path: Path) -> Iterator[bytes]:
    """Give what a packed file holds, block by block."""
    with gzip.open(path, "rb") as stream:
        while block := stream.read(BLOCK):
            yield block


def _digest_packed(path: Path) -> tuple[str, int] | None:
    """Give the sha256 and the number of lines of a packed file. *Missing*: None where it cannot be unpacked."""
    digest, lines = hashlib.sha256(), 0
    try:
        for block in read_packed(path):
            digest.update(block)
            lines += block.count(b"\n")
    except (OSError, EOFError, ValueError, zlib.error):
        return None
    return digest.hexdigest(), lines
