"""The ways to write the town's figures down: for the terminal, for programs, for print, for the leader."""

from importlib import import_module
from pathlib import Path

from etl.disk import put_file
from etl.errors import ConfigError
from etl.model import Language
from etl.publishing.release import Release

TEXTS = ("table", "csv", "json")
DOCUMENTS = ("xlsx", "html", "pdf", "checks")  # of the whole town, to be read and signed
FOLDER = "package"
_OF_RELEASE = {
    "csv": ("etl.publishing.tidy_figures", "compose_csv"),
    "json": ("etl.publishing.json_file", "compose_json"),
    "xlsx": ("etl.publishing.workbook", "compose_workbook"),
    "parquet": ("etl.publishing.parquet_file", "compose_parquet"),
}
_IN_LANGUAGE = {
    "table": ("etl.town_table", "compose_table"),
    "html": ("etl.publishing.page_html", "compose_page_html"),
    "pdf": ("etl.publishing.page_pdf", "compose_page_pdf"),
    "checks": ("etl.publishing.checks_page", "compose_checks_page"),
}
FORMATS = ("table", *_OF_RELEASE, "html", "pdf", "checks", FOLDER)


def compose_town(release: Release, form: str, language: Language) -> bytes:
    """Compose a release in one of the `FORMATS` that is a single file; a table and the pages in a language.

    What a format needs is imported for it alone: a table must not wait for a typesetter.
    """
    module, name = (_OF_RELEASE | _IN_LANGUAGE)[form]
    compose = getattr(import_module(module), name)
    content: bytes = compose(release) if form in _OF_RELEASE else compose(release, language)
    return content


def write_town(release: Release, form: str, language: Language, output: Path) -> None:
    """Write a release to a file aside and rename it; a package to the files of a folder.

    *Raises*: ConfigError where a package would write over other files.
    """
    if form != FOLDER:
        put_file(output, compose_town(release, form, language))
        return
    from etl.publishing.data_package import compose_package

    files = compose_package(release)
    others = {path.name for path in output.iterdir()} - files.keys() if output.is_dir() else set()
    if others or output.is_file():
        raise ConfigError(
            f"{output} must be a new folder or one of such a package; it holds {', '.join(sorted(others))}"
        )
    output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        put_file(output / name, content)
