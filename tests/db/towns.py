"""Towns made for tests: an installation of its own whose town.yaml says something else."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Engine

from etl import pipeline
from etl.settings import CHECKOUT, Settings


def make_settings(engine: Engine, home: Path, changes: dict[str, str]) -> Settings:
    """Give an installation below a folder; `changes`: what stands in town.yaml → what shall stand there."""
    reference = home / "reference"
    shutil.copytree(CHECKOUT / "reference" / "son-tay", reference)
    words = (reference / "town.yaml").read_text("utf-8")
    for old, new in changes.items():
        assert old in words
        words = words.replace(old, new)
    (reference / "town.yaml").write_text(words, "utf-8")
    return Settings.from_env({
        "WARD_REPORTS_HOME": str(home),
        "WARD_REPORTS_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "WARD_REPORTS_SETTLE_SECONDS": "0",
        "WARD_REPORTS_REFERENCE": str(reference),
    })  # fmt: skip


def send_samples(settings: Settings, *folders: str) -> None:
    """Send the samples of some folders such as "2022-04/1-first/09577", and have them taken in."""
    for folder in folders:
        source = CHECKOUT / "samples" / folder
        shutil.copytree(source, Path(settings.inbox) / source.name, dirs_exist_ok=True)
    take_in(settings)


def take_in(settings: Settings) -> None:
    """Take in what lies in the inbox, as the DAG `intake` does."""
    for batch in pipeline.receive_inbox(settings):
        pipeline.take_in(settings, batch)
