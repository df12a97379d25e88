"""Zip files as no honest program writes them, and honest ones with some of their parts changed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

Change = bytes | Callable[[bytes], bytes] | None

MEGABYTE = 1_000_000
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def read_parts(content: bytes) -> dict[str, bytes]:
    """Read the parts of a zip file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write a zip file of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def changed(content: bytes, changes: Mapping[str, Change]) -> bytes:
    """Change parts of a zip file: to these bytes, by a function of the old ones, or away with it where None."""
    parts = read_parts(content)
    for name, change in changes.items():
        if change is None:
            del parts[name]
        else:
            parts[name] = change(parts.get(name, b"")) if callable(change) else change
    return write_parts(parts)


def filler(begin: bytes, megabytes: int, end: bytes = b"", *, letter: bytes = b" ") -> Change:
    """Make a part of so many megabytes that packs to next to nothing."""
    return begin + letter * (megabytes * MEGABYTE) + end


def lying(content: bytes, part: str, size_bytes: int) -> bytes:
    """Say in both headers that a part unpacks to another size than it does."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry, start = archive.getinfo(part), archive.start_dir
    told = bytearray(content)
    struct.pack_into("<I", told, entry.header_offset + 22, size_bytes)
    at = start
    while told[at : at + 4] == _CENTRAL:
        lengths = struct.unpack_from("<HHH", told, at + 28)
        if bytes(told[at + 46 : at + 46 + lengths[0]]) == part.encode():
            struct.pack_into("<I", told, at + 24, size_bytes)
        at += 46 + sum(lengths)
    return bytes(told)


def crowded(content: bytes, entries: int) -> bytes:
    """Add entries without content: only their lines in the directory, all of them naming the first entry's bytes."""
    lines = [struct.pack("<4s6H3I5H2I", _CENTRAL, 20, 20, 0, 0, 0, 33, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0)] * entries
    directory = b"".join(line + b"x%05x" % (number % 0xFFFFF) for number, line in enumerate(lines))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start, old = archive.start_dir, len(archive.namelist())
    own = content[start : content.rindex(_END)]
    count = min(0xFFFF, old + entries)
    end = struct.pack("<4s4H2IH", _END, 0, 0, count, count, len(own) + len(directory), start, 0)
    return content[:start] + own + directory + end


def overlapping(content: bytes, *, copies: int, megabytes: int) -> bytes:
    """Name one packed part many times over: a kernel that each entry claims as its own (Fifield's bomb)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = b" " * (megabytes * MEGABYTE)
    kernel = packer.compress(plain) + packer.flush()
    crc = zlib.crc32(plain)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start, old = archive.start_dir, len(archive.namelist())
    own, body, lines = content[start : content.rindex(_END)], content[:start], []
    offset = len(body)
    body += struct.pack("<4s5H3I2H", _LOCAL, 20, 0, 8, 0, 33, crc, len(kernel), len(plain), 5, 0) + b"xl/aa" + kernel
    for number in range(copies):
        head = (_CENTRAL, 20, 20, 0, 8, 0, 33, crc, len(kernel), len(plain), 5, 0, 0, 0, 0, 0, offset)
        lines.append(struct.pack("<4s6H3I5H2I", *head) + b"xl/%02x" % (number % 256))
    directory = own + b"".join(lines)
    end = struct.pack("<4s4H2IH", _END, 0, 0, old + copies, old + copies, len(directory), len(body), 0)
    return body + directory + end


def nested(content: bytes, levels: int) -> bytes:
    """Put a zip file into a zip file, and so on."""
    for _ in range(levels):
        content = write_parts({"a.xlsx": content})
    return content
