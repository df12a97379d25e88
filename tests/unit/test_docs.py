"""What the documents say is what the code does."""

import importlib.util
from pathlib import Path

from etl.settings import CHECKOUT


def test_the_page_of_codes_is_written_from_the_rules() -> None:
    spec = importlib.util.spec_from_file_location("codes", CHECKOUT / "docs" / "codes.py")
    assert spec and spec.loader
    codes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(codes)
    assert (CHECKOUT / "docs" / "codes.md").read_text("utf-8") == codes.compose_codes()


def test_the_readme_names_only_what_exists() -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    for name in (
        "docs/codes.md",
        "docs/adr",
        "reference/son-tay/town.yaml",
        "etl/letters/templates",
        "expectations/custom.py",
    ):
        assert name in readme
        assert Path(CHECKOUT / name).exists()
