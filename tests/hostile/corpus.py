"""The hostile files, all made by code: `make_corpus` gives them one by one, with the name each is known by."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tests.hostile.ods_files import of_ods
from tests.hostile.other_files import of_other_files
from tests.hostile.seeds import Lures
from tests.hostile.text_files import of_cells, of_encodings, of_sizes
from tests.hostile.xls_files import of_xls
from tests.hostile.xlsx_archives import of_archives
from tests.hostile.xlsx_places import of_places
from tests.hostile.xlsx_programs import of_programs
from tests.hostile.xlsx_values import of_values
from tests.hostile.xlsx_xml import of_xml

HEAVY = (
    *("statements", "plain-headings-again", "headings-again-and-again", "limit-of-rows-of-reports"),
    *("sheets-150", "sheets-large-often", "rows-empty-styled", "cells-empty-styled", "cells-at-the-limit"),
)
"""Those that take the most of what is allowed: seconds each."""


def make_corpus(lures: Lures, *, without: Collection[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Give every hostile file: its name, with a suffix, and its bytes."""
    kinds = (
        ("xlsx", (of_archives(), of_xml(lures), of_places(), of_values(), of_programs(lures))),
        ("ods", (of_ods(lures),)),
        ("xls", (of_xls(),)),
        ("csv", (of_encodings(), of_sizes(), of_cells())),
        ("xlsx", (of_other_files(),)),
    )
    for suffix, makers in kinds:
        for maker in makers:
            for name, content in maker:
                if name not in without:
                    yield f"{name}.{suffix}".replace("/", "-")[:120], content
