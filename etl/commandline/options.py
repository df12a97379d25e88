"""What the commands share: their common options, the settings, and how results are printed."""

import getpass
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from etl.errors import ConfigError
from etl.model import Language
from etl.settings import Settings

Reference = Annotated[Path | None, typer.Option("--reference", metavar="DIR", help="The town's reference folder.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language of the output; default from town.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the ward and the analysts read it.")]
Author = Annotated[str | None, typer.Option("--author", metavar="NAME", help="Who decides; default: your login.")]


def read_settings(reference: Path | None) -> Settings:
    """Read the settings from the environment, with the reference folder of the command line."""
    environ = dict(os.environ)
    if reference is not None:
        environ["WARD_REPORTS_REFERENCE"] = str(reference)
    return Settings.from_env(environ)


def choose_language(settings: Settings, lang: Language | None) -> Language:
    """Choose the language of the output: the one asked for, else the town's."""
    from etl.reference import read_reference

    return lang or Language(read_reference(settings.reference).town.language)


def read_reason(text: str) -> str:
    """Read why something is decided. *Raises*: ConfigError where it is blank: figures are published with it."""
    if not text.strip():
        raise ConfigError("--reason must say why: the ward and whoever reads the figures see it")
    return text.strip()


def name_author(author: str | None) -> str:
    """Name who decides: as told, else by the login."""
    return author or getpass.getuser()


def print_lines(lines: Iterable[str]) -> None:
    """Print lines as they come: what takes long shows how far it is."""
    for line in lines:
        print(line, flush=True)


def print_json(rows: Iterable[Any]) -> None:
    """Print one JSON object a line."""
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, default=str))
