"""The bill of materials says what the image is made of: exactly what is locked, each with the hash it must have."""

from __future__ import annotations

import json
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def components() -> dict[str, dict[str, Any]]:
    """Write the bill as anybody would, and give its components by name."""
    subprocess.run(["make", "--silent", "sbom"], cwd=CHECKOUT, check=True, capture_output=True)
    bill = json.loads((CHECKOUT / "var" / "sbom.cdx.json").read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    return {canonicalize_name(one["name"]): one for one in bill["components"]}


def test_all_that_is_asked_for_is_in_it_as_it_is_installed(components: dict[str, dict[str, Any]]) -> None:
    asked = [Requirement(one) for one in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["celery"]]]
    assert len(asked) > 20
    for one in asked:
        assert one.specifier.contains(components[canonicalize_name(one.name)]["version"]), one
    for name in ("pandas", "great-expectations", "sqlalchemy", "apache-airflow"):
        assert components[name]["version"] == version(name)


def test_tools_of_the_tests_are_not_in_the_image(components: dict[str, dict[str, Any]]) -> None:
    assert not {"pytest", "hypothesis", "mypy", "ruff"} & components.keys()


def test_every_component_has_the_hash_of_its_files(components: dict[str, dict[str, Any]]) -> None:
    assert len(components) > 150
    for name, one in components.items():
        files = one.get("externalReferences", [])
        assert files and all(file["hashes"] for file in files) and one["purl"].startswith("pkg:pypi/"), name
