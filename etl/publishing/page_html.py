"""The leader's page and whatever else is published as HTML: one file, nothing fetched, nothing run."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from etl.model import Language
from etl.publishing.page import Page, build_page
from etl.publishing.release import Release

TEMPLATES = Path(__file__).parent / "templates"


def compose_page_html(release: Release, language: Language) -> bytes:
    """Write the page of a release as HTML. The same release gives the same bytes."""
    return compose_html(build_page(release, language))


def compose_html(page: Page) -> bytes:
    return render_html("page.html.j2", "page.css", page=page)


def render_html(template: str, *styles: str, **facts: object) -> bytes:
    """Render a template with its styles inside; the page's policy allows these styles, pictures in it, and no more."""
    style = "".join((TEMPLATES / name).read_text("utf-8") for name in styles)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    html = _environment().get_template(template).render(style=Markup(style), style_hash=f"sha256-{digest}", **facts)
    return html.encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode()
    return environment
