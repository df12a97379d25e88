"""Render a letter: its words stand once in a template per language, and become text and HTML."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from etl.model import Language
from etl.phrases import clean

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_SUBJECT = 160
_LONGEST_LINE = 4_000


def render_letter(kind: str, language: str, facts: Mapping[Language, Mapping[str, Any]]) -> tuple[str, str]:
    """Render the templates of a kind in both languages, the town's own first, as (text, HTML).

    Whatever stands in `facts` comes out as words: escaped in HTML, on one line each, without control characters.
    """
    order = sorted(Language, key=lambda one: one != language)
    return _render("text", kind, order, facts), _render("html", kind, order, facts)


def subject_line(*parts: str) -> str:
    """Join the parts of a subject into one line that is safe in a header."""
    return clean(" – ".join(part for part in parts if part), LONGEST_SUBJECT)


def _render(form: str, kind: str, order: Sequence[Language], facts: Mapping[Language, Mapping[str, Any]]) -> str:
    environment = _environment(form)
    bodies = [
        environment.get_template(f"{kind}.{language}.j2").render(form=form, lang=language, **facts[language])
        for language in order
    ]
    if form == "html":
        bodies = [Markup(body) for body in bodies]
    letter = environment.get_template(f"{form}/letter.j2").render(bodies=bodies, order=order)
    return re.sub(r"\n{3,}", "\n\n", letter)


@cache
def _environment(form: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"line": _line, "padded": _padded}
    return environment


def _line(text: object) -> str:
    """Put a text on one line; what is HTML already stays HTML."""
    if isinstance(text, Markup):
        return Markup(clean(str(text), _LONGEST_LINE * 4))
    return clean(str(text), _LONGEST_LINE)


def _padded(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """Pad the cells of a plain-text table: the first column to the left, the others to the right."""
    cells = [[_line(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True))]
        for row in cells
    ]
