"""The leader's page as PDF, set by typst: what is said goes in as data, so that no text of anybody can be code."""

import json
from typing import Any

from etl.model import Language
from etl.publishing.page import Page, build_page
from etl.publishing.page_html import TEMPLATES
from etl.publishing.page_sections import Table
from etl.publishing.release import Release

_NUMBER, _WORDS, _WIDEST, _WIDEST_BESIDE_NUMBERS = 9, 16, 64, 26  # characters that columns are given, least and most


def compose_page_pdf(release: Release, language: Language) -> bytes:
    """Set the page of a release on A4. The same release gives the same bytes."""
    return compose_pdf(build_page(release, language))


def compose_pdf(page: Page) -> bytes:
    """Set a page on A4. The same page gives the same bytes: typst's own fonts, no date, no network."""
    import typst

    facts = json.dumps(_facts(page), ensure_ascii=False)
    return typst.compile(
        (TEMPLATES / "page.typ").read_bytes(), ignore_system_fonts=True, sys_inputs={"page": facts}, timestamp=0
    )


def _facts(page: Page) -> dict[str, Any]:
    """Give the page as plain values."""
    names = ("language", "town", "title", "period", "state", "is_partial", "publication", "sentences", "footer")
    figures = [{"title": f.title, "svg": f.chart.svg.decode(), "alt": f.chart.alt} for f in page.figures]
    tables = {"table": _table(page.table), "sections": [_table(section) for section in page.sections]}
    return {name: getattr(page, name) for name in names} | {"figures": figures} | tables


def _table(table: Table) -> dict[str, Any]:
    """Give a table with the share of the line that each column takes, by the longest of its cells."""
    longest = [max(len(row[i]) for row in ([""] * len(table.head), *table.rows)) for i in range(len(table.head))]
    narrowest = [(_NUMBER if len(longest) > 3 else _WORDS) if align == "r" else _WORDS for align in table.aligns]
    widest = _WIDEST if len(longest) <= 5 else _WIDEST_BESIDE_NUMBERS
    widths = [min(max(size, least), widest) for size, least in zip(longest, narrowest, strict=True)]
    names = ("title", "head", "rows", "sums", "rest_words")
    return {name: getattr(table, name) for name in names} | {"aligns": table.aligns, "widths": widths}
