"""Make the pictures in docs/pictures: `python -m docs.pictures`. Needs LibreOffice (soffice) and poppler (pdftoppm).

Another picture is another function that gives the bytes of a PNG, named in `PICTURES`.
"""

import re
import shutil
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from openpyxl import load_workbook

from etl.check import CheckContext, check
from etl.embedded import embedded_server
from etl.letters.marked_workbook import compose_marked_workbook
from etl.model import Submission
from etl.parse import parse
from etl.pipeline import migrate, receive_inbox, take_in
from etl.publications import publish_range
from etl.reference import read_reference
from etl.settings import Limits, Settings
from etl.template import build_template

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path(__file__).with_suffix("")
DOTS_PER_INCH = 115
_MARGIN, _GAP, _FRAME_GREY = 18, 22, 190
_MOST_COLOURS = 256  # of a PNG with a palette: a third of the size, and nobody sees it in a table

_TYPED: dict[str, int | str] = {
    **dict(zip(("D12", "E12", "H12", "I12", "J12", "L12", "M12"), (2, 48, 6, 44, 0, 0, 0), strict=True)),
    **dict(zip(("D13", "E13", "H13", "I13", "J13", "L13", "M13"), (9, 12, 13, 9, 1, 3, 0), strict=True)),
    **dict(zip(("D14", "E14", "H14"), (0, 5, 2), strict=True)),
    **dict(zip(("B29", "D29", "E29", "F29", "H29", "I29"), ("Trồng nấm", 0, 3, 0, 0, 3), strict=True)),
    **dict(zip(("J29", "L29", "M29"), (0, 0, 0), strict=True)),
}

Pixels = npt.NDArray[np.uint8]


def draw_marked_workbook() -> bytes:
    """Show what a ward gets back for the wrong sample: the list, and its own sheet with one comment open."""
    (sample,) = (ROOT / "samples/2022-04/1-first/09574").glob("*.xlsx")
    reference = read_reference(ROOT / "reference" / "son-tay")
    submission = Submission("", sample.name, sample.stat().st_size, datetime(2022, 4, 16, tzinfo=UTC), sample)
    outcome = check(parse(submission, reference), CheckContext(reference))
    marked = compose_marked_workbook(submission, outcome, reference, Limits())
    assert marked is not None, "the sample has findings"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "marked.xlsx")
        path.write_bytes(marked.content)
        _open_note(path, row=9, column=9)
        return to_png(stack(render_pages(path, pages=2)))


def draw_template() -> bytes:
    """Show a form while it is filled in: a row that does not balance, one not yet finished, a field of the ward's."""
    reference = read_reference(ROOT / "reference" / "son-tay")
    unit = next(unit for unit in reference.units if unit.name == "Phú Thịnh")
    stocks = {("", "chung-thuc"): 0, ("", "ho-tich"): 4, ("", "dat-dai"): 2, ("", "bao-tro-xa-hoi"): 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "template.xlsx")
        path.write_bytes(build_template(reference, unit, reference.town.calendar.month(2022, 5), opening_stocks=stocks))
        book = load_workbook(path)
        for cell, typed in _TYPED.items():
            book.worksheets[0][cell] = typed
        book.save(path)
        return to_png(stack(render_pages(path, pages=1)))


def draw_page() -> bytes:
    """Show the leader's page of January to April 2022, as it was published from the samples."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.pdf")
        path.write_bytes(_published()["page-2022-01_2022-04.pdf"])
        return to_png(stack(rasterize(path, pages=2)))


def draw_published_workbook() -> bytes:
    """Show the first sheet of the published workbook of January to April 2022: the official form, ready to sign."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "town.xlsx")
        path.write_bytes(_published()["town-2022-01_2022-04.xlsx"])
        return to_png(stack(render_pages(path, pages=1)))


@cache
def _published() -> dict[str, bytes]:
    """Publish January to April 2022 from all samples, in a warehouse of its own: the files by name."""
    with tempfile.TemporaryDirectory(prefix="wr-") as home, embedded_server(Path(home, "pg")) as server:
        server.ensure_database("warehouse")
        settings = Settings.from_env({
            "WARD_REPORTS_HOME": home,
            "WARD_REPORTS_DATABASE_URL": server.url("warehouse"),
            "WARD_REPORTS_SETTLE_SECONDS": "0",
        })  # fmt: skip
        migrate(settings)
        for wave in ("1-first", "2-later"):
            for month in sorted((ROOT / "samples").glob(f"2022-*/{wave}")):
                shutil.copytree(month, settings.inbox, dirs_exist_ok=True)
            for batch in receive_inbox(settings):
                take_in(settings, batch)
        publish_range(settings, "2022-01", "2022-04")
        return {path.name: path.read_bytes() for path in (settings.published / "2022-01_2022-04").glob("*.*")}


def _open_note(path: Path, *, row: int, column: int) -> None:
    """Let the comment at a cell be shown, as it is while the pointer rests there."""
    place = rf"<\w+:Row>{row - 1}</\w+:Row><\w+:Column>{column - 1}</"
    shape = re.compile(rf"visibility:hidden((?:(?!</\w+:shape>).)*{place})", re.DOTALL)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            is_drawing = name.endswith(".vml")
            archive.writestr(name, shape.sub(r"visibility:visible\1", content.decode()) if is_drawing else content)


def render_pages(path: Path, *, pages: int) -> list[Pixels]:
    """Render the first pages of a workbook as LibreOffice prints it, with the comments that are open."""
    flat = _convert(path, "fods")
    # LibreOffice prints open comments only where the page style says so, which xlsx cannot say.
    flat.write_text(flat.read_text("utf-8").replace('style:print="', 'style:print="annotations '), "utf-8")
    return rasterize(_convert(flat, "pdf"), pages=pages)


def rasterize(pdf: Path, *, pages: int) -> list[Pixels]:
    """Draw the first pages of a PDF."""
    prefix = pdf.with_suffix("")
    command = ["pdftoppm", "-r", str(DOTS_PER_INCH), "-l", str(pages), str(pdf), str(prefix)]
    subprocess.run(command, check=True, timeout=60)
    return [read_ppm(page) for page in sorted(pdf.parent.glob(f"{prefix.name}-*.ppm"))]


def _convert(path: Path, kind: str) -> Path:
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return path.with_suffix(f".{kind}")


def read_ppm(path: Path) -> Pixels:
    """Read the pixels of a picture: rows × columns × 3."""
    header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", content := path.read_bytes())
    assert header is not None, "pdftoppm writes P6"
    width, height = int(header[1]), int(header[2])
    return np.frombuffer(content, np.uint8, offset=header.end()).reshape(height, width, 3)


def stack(pages: Sequence[Pixels]) -> Pixels:
    """Put pages below one another, each cut to what is printed on it, in a thin frame."""
    framed = [_frame(_crop(page)) for page in pages]
    width = max(page.shape[1] for page in framed)
    rows = []
    for page in framed:
        rest = width - page.shape[1]
        rows.append(np.pad(page, ((_GAP // 2, _GAP // 2), (rest // 2, rest - rest // 2), (0, 0)), constant_values=255))
    return np.concatenate(rows)


def _crop(page: Pixels) -> Pixels:
    is_ink = (page < 250).any(axis=2)
    rows, columns = np.flatnonzero(is_ink.any(axis=1)), np.flatnonzero(is_ink.any(axis=0))
    return page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _frame(page: Pixels) -> Pixels:
    wide = np.pad(page, ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0)), constant_values=255)
    return np.pad(wide, ((1, 1), (1, 1), (0, 0)), constant_values=_FRAME_GREY)


def to_png(pixels: Pixels) -> bytes:
    """Write pixels as a PNG with a palette of the colours that show most."""
    colours, indexes, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    vividness = 1 + np.ptp(colours.astype(int), axis=1)  # greys are many, but a link must stay blue
    kept = colours[np.argsort(-counts * vividness)[:_MOST_COLOURS]].astype(int)
    nearest = np.array([((kept - colour) ** 2).sum(axis=1).argmin() for colour in colours.astype(int)], dtype=np.uint8)
    rows = nearest[indexes.reshape(-1)].reshape(pixels.shape[:2])
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    height, width = rows.shape
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", kept.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


PICTURES: dict[str, Callable[[], bytes]] = {
    "marked-workbook.png": draw_marked_workbook,
    "template.png": draw_template,
    "page.png": draw_page,
    "published-workbook.png": draw_published_workbook,
}


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (TARGET / name).write_bytes(draw())


if __name__ == "__main__":
    main()
