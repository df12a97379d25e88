"""The files of a publication: which there are, and what they are called."""

from etl.publishing.published_tables import compose_csv
from etl.publishing.release import Release
from etl.publishing.workbook import compose_workbook


def compose_files(release: Release) -> dict[str, bytes]:
    """Compose all files of a release, by name."""
    key = file_key(release.dataset.period.key)
    said = (release.dataset, release.reference, release.number, release.published_at)
    return {f"town-{key}.csv": compose_csv(*said), f"town-{key}.xlsx": compose_workbook(*said)}


def file_key(period_key: str) -> str:
    """Make a part of a file name of a period's key, which may hold a slash."""
    return period_key.replace("/", "_")
