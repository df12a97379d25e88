"""Hostile OpenDocument sheets: what is repeated without end, and what is said of sizes that nobody can hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from tests.hostile.seeds import ODS, Lures
from tests.hostile.xlsx_changes import declared, external, laughs
from tests.hostile.zips import Change, changed, filler, lying

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"


def _content(change: Change) -> bytes:
    return changed(ODS, {CONTENT: change})


def _before_end(xml: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(b"</table:table>", xml.encode() + b"</table:table>", 1)


def _before_rows(xml: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(b"<table:table-row", xml.encode() + b"<table:table-row", 1)


def _cell(attributes: str, text: str = "1") -> str:
    return f"<table:table-row>{_filled(attributes, text)}</table:table-row>"


def _filled(attributes: str, text: str = "1") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def of_ods(lures: Lures) -> Iterator[tuple[str, bytes]]:
    """Every hostile OpenDocument file."""
    number = 'office:value-type="float" office:value="{0}"'
    for count in ("1000000000", "-5", "0", "x", "99999999999999999999", "9" * 5_000):
        name = count[:12] if len(count) < 100 else "long"
        repeated = f'table:number-columns-repeated="{count}"'
        yield f"columns-repeated-{name}", _content(_before_end(_cell(f"{number.format(1)} {repeated}")))
        yield (
            f"columns-repeated-empty-{name}",
            _content(_before_end(f"<table:table-row><table:table-cell {repeated}/></table:table-row>")),
        )
        row = f'<table:table-row table:number-rows-repeated="{count}"'
        rows = f"{row}>{_filled(number.format(1))}</table:table-row>"
        yield f"rows-repeated-{name}", _content(_before_end(rows))
        hidden = f'{row} table:visibility="collapse"><table:table-cell/></table:table-row>'
        yield f"rows-repeated-empty-{name}", _content(_before_end(hidden))
        yield (
            f"spans-{name}",
            _content(
                _before_end(
                    _cell(
                        f'{number.format(1)} table:number-rows-spanned="{count}" table:number-columns-spanned="{count}"'
                    )
                )
            ),
        )
        columns = f'<table:table-column table:visibility="collapse" table:number-columns-repeated="{count}"/>'
        yield f"table-columns-{name}", _content(_before_rows(columns))
        yield (
            f"blanks-{name}",
            _content(_before_end(_cell('office:value-type="string"', f'<text:s text:c="{count}"/>'))),
        )
    for value in ("NaN", "INF", "1e999", "1e308", "9" * 10_000, "", "x"):
        yield f"value-{value[:6]}", _content(_before_end(_cell(number.format(value))))
    for value in ("0000-00-00", "9999999-12-31", "x", "", "-0001-01-01", "2022-02-30"):
        yield f"date-{value}", _content(_before_end(_cell(f'office:value-type="date" office:date-value="{value}"')))
    for value in ("PT9999999999H", "P1Y", "x", "PT-5S", "PT1e9S"):
        yield f"time-{value}", _content(_before_end(_cell(f'office:value-type="time" office:time-value="{value}"')))
    yield "nested-tables", _content(_before_end(_cell("", "<table:table>" * 900 + "</table:table>" * 900)))
    yield "deep", _content(_before_end(_cell("", "<text:span>" * 300_000 + "</text:span>" * 300_000)))
    yield "paragraphs", _content(_before_end(_cell("", "</text:p><text:p>" * 300_000)))
    yield (
        "annotations",
        _content(_before_end(_cell("", "<office:annotation>" * 50_000 + "</office:annotation>" * 50_000))),
    )
    yield (
        "cells-outside-tables",
        _content(lambda xml: xml.replace(b"<table:table ", b'<table:table-cell table:formula="x"/><table:table ', 1)),
    )
    yield (
        "tables-thousands",
        _content(
            lambda xml: re.sub(
                rb"(<table:table .*?</table:table>)",
                lambda m: m[1] + b'<table:table table:name="x"/>' * 20_000,
                xml,
                count=1,
                flags=re.DOTALL,
            )
        ),
    )
    yield (
        "encrypted",
        changed(
            ODS,
            {
                MANIFEST: lambda xml: xml.replace(
                    b"<manifest:file-entry", b"<manifest:encryption-data/><manifest:file-entry", 1
                )
            },
        ),
    )
    for part in (CONTENT, MANIFEST, "meta.xml", "styles.xml"):
        yield f"bomb-{part.replace('/', '-')}", changed(ODS, {part: filler(b"<x>", 150, b"</x>")})
        yield (
            f"bomb-lying-{part.replace('/', '-')}",
            lying(changed(ODS, {part: filler(b"<x>", 150, b"</x>")}), part, 99),
        )
        yield f"laughs-{part.replace('/', '-')}", changed(ODS, {part: declared(laughs())})
        for target in (lures.server, f"file://{lures.canary}"):
            yield f"external-{target[:4]}-{part.replace('/', '-')}", changed(ODS, {part: declared(external(target))})
    calls = ('WEBSERVICE("{server}")', 'DDE("cmd";"/C";"x")', "['file://{canary}'#$Sheet1.A1]")
    cells = "".join(
        f'<table:table-cell table:formula="of:={escape(call)}" office:value-type="float" office:value="1"/>'
        for call in calls
    )
    linked = lures.placed(f'<table:table-source xlink:href="{{server}}"/><table:table-row>{cells}</table:table-row>')
    yield "links", _content(_before_end(linked.decode()))
    for size in (40, len(ODS) // 2, len(ODS) - 9):
        yield f"cut-at-{size}", ODS[:size]
