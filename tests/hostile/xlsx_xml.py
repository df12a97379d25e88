"""Deep and enormous XML, and entities in every part."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.seeds import XLSX, Lures
from tests.hostile.xlsx_changes import (
    BOOK,
    RELS,
    SHEET,
    STRINGS,
    STYLES,
    TYPES,
    before_the_end,
    declared,
    external,
    in_rows,
    in_utf_16,
    laughs,
)
from tests.hostile.zips import changed


def of_xml(lures: Lures) -> Iterator[tuple[str, bytes]]:
    """Deep and enormous XML, and entities in every part."""
    deep = b"<a>" * 400_000 + b"</a>" * 400_000
    for part in (SHEET, STRINGS, STYLES, BOOK, RELS, TYPES, "docProps/core.xml", "xl/theme/theme1.xml"):
        name = part.rpartition("/")[2].removesuffix(".xml")
        yield f"deep-{name}", changed(XLSX, {part: before_the_end(deep)})
        for kind, doctype, use in (
            ("laughs", laughs(), b"&l11;"),
            ("file", external("file:///proc/self/environ"), b"&x;"),
            ("canary", external(f"file://{lures.canary}"), b"&x;"),
            ("http", external(lures.server), b"&x;"),
        ):
            yield f"{kind}-{name}", changed(XLSX, {part: declared(doctype, use)})
        yield f"laughs-utf-16-{name}", changed(XLSX, {part: in_utf_16(declared(laughs(), b"&l11;"))})
    yield (
        "attributes",
        changed(XLSX, {SHEET: in_rows(b"<row " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/>")}),
    )
    yield "long-attribute", changed(XLSX, {SHEET: in_rows(b'<row spans="' + b"9" * 9_000_000 + b'"/>')})
    yield "comment-of-9-mb", changed(XLSX, {SHEET: in_rows(b"<!--" + b"x" * 9_000_000 + b"-->")})
    yield "not-xml", changed(XLSX, {SHEET: b"\0\1\2 not xml <<<"})
    for coding in ("UTF-7", "IBM037", "x-none", "UTF-32"):
        yield (
            f"declares-{coding}",
            changed(XLSX, {SHEET: lambda xml, c=coding: f'<?xml version="1.0" encoding="{c}"?>'.encode() + xml}),
        )
