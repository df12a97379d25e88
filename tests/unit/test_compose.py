"""docker-compose.yaml, .env.example and the settings say the same, and nothing starts with a known password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
COMPOSE = (CHECKOUT / "docker-compose.yaml").read_text()
EXAMPLE = (CHECKOUT / ".env.example").read_text()
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?P<rest>:[-?][^}]*)?\}")
OF_COMPOSE_ITSELF = {"COMPOSE_PROFILES"}


class Recorder(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """Read the services."""
    return dict(yaml.safe_load(COMPOSE))


def find_asked() -> set[str]:
    """Find the names that the settings are read from, Airflow's own among them."""
    environ = Recorder()
    Settings.from_env(environ)
    return environ.asked


def find_settings() -> set[str]:
    """Find the names of our own settings."""
    return {name for name in find_asked() if name.startswith("WARD_REPORTS_")}


def find_examples(*, commented: bool) -> dict[str, str]:
    """Find the variables of .env.example, or those it only mentions."""
    prefix = r"# " if commented else ""
    return dict(re.findall(rf"^{prefix}([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def test_the_example_lists_exactly_what_compose_asks_for() -> None:
    asked = {match["name"] for match in VARIABLE.finditer(COMPOSE)}
    assert asked | OF_COMPOSE_ITSELF == set(find_examples(commented=False))


def test_the_example_lists_every_setting() -> None:
    named = find_examples(commented=False) | find_examples(commented=True)
    assert {name for name in named if name.startswith("WARD_REPORTS_")} == find_settings()
    assert find_settings()


def test_compose_hands_down_every_setting_it_does_not_fix(compose: dict[str, Any]) -> None:
    environment = compose["x-airflow"]["environment"]
    assert find_asked() - find_settings() <= environment.keys()
    handed_down = {name for name in environment if name.startswith("WARD_REPORTS_")}
    below_home = {"WARD_REPORTS_ARCHIVE", "WARD_REPORTS_PUBLISHED"}
    from_a_connection = {"WARD_REPORTS_SMTP_URL", "WARD_REPORTS_IMAP_URL"}
    assert handed_down | below_home | from_a_connection == find_settings()


def test_nothing_starts_without_its_secrets() -> None:
    secrets = {name for name in find_examples(commented=False) if re.search(r"PASSWORD|KEY|SECRET", name)}
    assert len(secrets) == 10
    for match in VARIABLE.finditer(COMPOSE):
        assert (match["rest"] or "").startswith(":?") == (match["name"] in secrets), match["name"]
    assert {find_examples(commented=False)[name] for name in secrets} == {""}


def test_every_image_is_pinned_to_a_version(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", (CHECKOUT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(images) == 10
    for image in images:
        assert re.search(r":v?\d+\.\d+", image), image


def test_every_service_that_stays_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["initialise"]
    for name in ("worker", "redis"):
        assert services[name]["profiles"] == ["celery"]


def test_no_service_can_write_its_image_or_become_root(compose: dict[str, Any]) -> None:
    user = re.findall(r"^USER (\S+)$", (CHECKOUT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"] and "cap_add" not in service and "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        runs_as = service.get("user", user if service.get("image", "").startswith("ward-reports:") else "root")
        assert runs_as.partition(":")[0] not in ("root", "0"), name


def test_only_pages_are_reached_from_outside_and_from_this_machine_alone(compose: dict[str, Any]) -> None:
    services = compose["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {
        "api-server": ["${AIRFLOW_PORT:-127.0.0.1:8080}:8080"],
        "mailpit": ["${MAILPIT_PORT:-127.0.0.1:8025}:8025"],
    }
    assert compose["networks"]["inside"] == {"internal": True}
    assert {name for name, one in services.items() if one["networks"] == ["inside"]} == {"postgres", "redis"}


def test_the_tools_have_one_version() -> None:
    versions = re.findall(r"uv(?:_VERSION := |==)([\d.]+)", (CHECKOUT / "Dockerfile").read_text())
    versions += re.findall(r"^UV_VERSION := ([\d.]+)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert len(versions) == 2
    assert len(set(versions)) == 1
