"""The files of a publication: which there are, and what they are called."""

from etl.model import Language
from etl.publishing.checks_page import compose_checks_page
from etl.publishing.data_package import compose_package, file_key
from etl.publishing.json_file import compose_json
from etl.publishing.page import build_page
from etl.publishing.page_html import compose_html
from etl.publishing.page_pdf import compose_pdf
from etl.publishing.parquet_file import compose_parquet
from etl.publishing.release import Release
from etl.publishing.workbook import compose_workbook


def compose_files(release: Release) -> dict[str, bytes]:
    """Compose all files of a release, by name; what people read is in the town's language."""
    key = file_key(release.dataset.period.key)
    language = Language(release.reference.town.language)
    page = build_page(release, language)
    return {
        f"town-{key}.xlsx": compose_workbook(release),
        f"town-{key}.json": compose_json(release),
        f"town-{key}.parquet": compose_parquet(release),
        **compose_package(release),
        f"page-{key}.html": compose_html(page),
        f"page-{key}.pdf": compose_pdf(page),
        f"checks-{key}.html": compose_checks_page(release, language),
    }
