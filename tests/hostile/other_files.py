"""What is no spreadsheet, is two things at once, or is none."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from tests.hostile.seeds import CSV, ODS, XLS, XLSX
from tests.hostile.zips import read_parts, write_parts

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def of_other_files() -> Iterator[tuple[str, bytes]]:
    """Every other file."""
    yield "empty", b""
    yield "encrypted-workbook", _OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(900)
    yield "word", _OLE + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(900)
    yield "ole-alone", _OLE
    yield "pk-alone", b"PK"
    yield "zip-end-alone", b"PK\x05\x06" + bytes(18)
    yield "zip-of-nothing", write_parts({"readme.txt": b"x"})
    yield "xlsb", write_parts({"xl/workbook.bin": b"x"})
    yield "docx", write_parts({"word/document.xml": b"<x/>"})
    yield "pdf-and-xlsx", b"%PDF-1.7\n%\xe2\xe3\n" + XLSX
    yield "html-and-xlsx", b"<html><script>alert(1)</script>" + XLSX
    yield "csv-and-xlsx", CSV + XLSX
    yield "xlsx-and-csv", XLSX + CSV
    yield "xlsx-and-xls", XLSX + XLS
    yield "xls-and-xlsx", XLS + XLSX
    yield "xlsx-twice", XLSX + XLSX
    yield "ods-in-xlsx", write_parts(read_parts(XLSX) | read_parts(ODS))
    yield (
        "names-in-small-and-capital-letters",
        write_parts({name.upper(): part for name, part in read_parts(XLSX).items()}),
    )
    yield (
        "names-with-backslashes",
        write_parts({name.replace("/", "\\"): part for name, part in read_parts(XLSX).items()}),
    )
    yield "spreadsheetml-2003", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'
    yield "html-table", b"<table><tr><td>1</td></tr></table>"
    yield "mhtml", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>"
    yield "sylk", b"ID;PWXL;N;E\nC;Y1;X1;K\"=cmd|' /C calc'!A0\"\nE\n"
    yield "script", b"#!/bin/sh\nrm -rf /\n"
    yield "elf", b"\x7fELF\x02\x01\x01" + bytes(500)
    yield "random-like", bytes((n * n * 7 + n // 3) % 256 for n in range(60_000))
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../../x"), io.BytesIO())
    yield "tar", stream.getvalue()
