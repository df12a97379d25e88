"""What can be done to a part of an xlsx file: functions of its XML."""

from __future__ import annotations

import re
from collections.abc import Callable

SHEET, BOOK, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"
RELS, TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
_FIRST_ROW = re.compile(rb"(<sheetData>)")
NUMBER = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*?)(?: t="n")?(/?>)<v>(\d+)</v>')


def laughs(levels: int = 12, root: str = "x") -> bytes:
    """Declare entities that grow tenfold with each level."""
    lines = ['<!ENTITY l0 "ha ha ha ha ">']
    lines += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels)]
    return f"<!DOCTYPE {root} [{''.join(lines)}]>".encode()


def external(target: str) -> bytes:
    """Declare an entity, and a doctype, that lie elsewhere."""
    return f'<!DOCTYPE x SYSTEM "{target}" [<!ENTITY x SYSTEM "{target}">]>'.encode()


def declared(doctype: bytes, use: bytes = b"") -> Callable[[bytes], bytes]:
    """Put a doctype before the root element of a part, and a use of its entity into the first text there is."""

    def change(xml: bytes) -> bytes:
        head, mark, rest = xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
        return head + mark + doctype + (re.sub(rb"<(t|v)>", rb"<\1>" + use, rest, count=5) if use else rest)

    return change


def before_the_end(xml: bytes) -> Callable[[bytes], bytes]:
    """Put something in front of the last end tag of a part."""
    return lambda part: re.sub(rb"(</[^<>]+>\s*)$", lambda match: xml + match[1], part)


def in_utf_16(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda part: change(part).decode().encode("utf-16")


def in_rows(xml: bytes) -> Callable[[bytes], bytes]:
    """Put something in front of the first row of a sheet."""
    return lambda sheet: _FIRST_ROW.sub(lambda match: match[1] + xml, sheet, count=1)


def after_rows(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", xml + b"</sheetData>", 1)


def merged(*areas: str) -> Callable[[bytes], bytes]:
    """Give a sheet these merged ranges, and no others."""
    cells = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    new = f'</sheetData><mergeCells count="{len(areas)}">{cells}</mergeCells>'.encode()
    return lambda sheet: re.sub(rb"<mergeCells.*?</mergeCells>", b"", sheet).replace(b"</sheetData>", new)


def counting(value: bytes, attributes: bytes = b"") -> Callable[[bytes], bytes]:
    """Write this in place of every count of a sheet."""
    return lambda sheet: NUMBER.sub(rb'<c r="\2"' + attributes + rb"><v>" + value + rb"</v>", sheet)


def saying(text: str) -> Callable[[bytes], bytes]:
    """Write this text in place of every count of a sheet."""
    return lambda sheet: NUMBER.sub(
        rb'<c r="\2" t="inlineStr"><is><t>' + text.encode("utf-8", "surrogatepass") + rb"</t></is>", sheet
    )


def telling(text: str) -> Callable[[bytes], bytes]:
    """Put a text into every shared string: titles, names and headings stay what they are, and say more."""
    said = text.encode("utf-8", "surrogatepass")
    return lambda xml: re.sub(rb"(<t[^>]*>)([^<]{3,80})(</t>)", lambda m: m[1] + m[2] + said + m[3], xml)


def named(name: str) -> Callable[[bytes], bytes]:
    """Rename the first sheet."""
    new = name.encode("utf-8", "surrogatepass")
    return lambda xml: re.sub(rb'(<sheet [^>]*?name=")[^"]*', lambda match: match[1] + new, xml, count=1)


def sheets(count: int) -> Callable[[bytes], bytes]:
    """List the first sheet's part so many times."""
    lines = "".join(f'<sheet name="s{n}" sheetId="{n + 10}" r:id="rId1"/>' for n in range(count)).encode()
    return lambda xml: xml.replace(b"</sheets>", lines + b"</sheets>")


def formula(text: str) -> bytes:
    return (
        f'<row r="90"><c r="A90"><f>{text}</f><v>1</v></c><c r="B90" t="str"><f>{text}</f><v>x</v></c></row>'.encode()
    )


def related(*lines: str) -> Callable[[bytes], bytes]:
    return lambda xml: xml.replace(b"</Relationships>", "".join(lines).encode() + b"</Relationships>")
