"""The runbook names what there is: each check, letter, task, command and metric, and nothing else."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from etl.cli import app
from etl.health.checks import CHECKS, REFERENCE, SETTINGS
from etl.settings import CHECKOUT, Settings

RUNBOOK = (CHECKOUT / "docs" / "runbook.md").read_text("utf-8")
TO_WARDS_AND_TOWN = {"digest", "form", "no_report", "receipt", "reminder", "repeat", "ruling"}
TEMPLATES = {path.name.partition(".")[0] for path in (CHECKOUT / "etl" / "letters" / "templates").glob("*.en.j2")}
DAGS = ("intake", "close_period", "town_dataset", "remind", "approve")
PARSE_AIRFLOW = """
import json, sys
from airflow.cli.cli_parser import get_parser
for command in json.load(sys.stdin):
    get_parser().parse_args(command[1:])
    print(command)
"""


def find_sections(kind: str) -> dict[str, str]:
    """Give the sections of a kind, by their names."""
    parts = re.split(r"^### ", RUNBOOK, flags=re.MULTILINE)[1:]
    found = (part.partition("\n") for part in parts)
    return {
        title.removeprefix(f"{kind}: "): re.split(r"^## ", body, flags=re.MULTILINE)[0]
        for title, _, body in found
        if title.startswith(f"{kind}: ")
    }


def find_commands(program: str) -> list[list[str]]:
    """Give each call of a program: in a block, or in a text between backticks."""
    blocks = re.findall(r"```sh\n(.*?)```", RUNBOOK, re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", RUNBOOK, flags=re.DOTALL).replace("\n", " "))
    calls = [shlex.split(text, comments=True) for text in (*lines, *inline) if text.startswith(f"{program} ")]
    return [call for call in calls if len(call) > 1]


def read_title(name: str) -> str:
    """Make the anchor of a heading, as GitHub does."""
    return re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-")


def test_every_check_has_its_section_and_every_section_a_check() -> None:
    sections = find_sections("doctor")
    assert sorted(sections) == sorted([SETTINGS, REFERENCE, *(check.name for check in CHECKS)])
    for name, wrapped in sections.items():
        body = " ".join(wrapped.split())  # a line may end anywhere
        assert all(word in body for word in ("**Means**", "**Do**", "**Well again**")), name


def test_every_letter_to_the_operator_has_its_section() -> None:
    assert TO_WARDS_AND_TOWN < TEMPLATES
    assert sorted(find_sections("mail")) == sorted(TEMPLATES - TO_WARDS_AND_TOWN)


@pytest.mark.parametrize("dag", DAGS)
def test_every_task_that_can_be_red_is_in_the_section_of_its_dag(dag: str) -> None:
    tree = ast.parse((CHECKOUT / "dags" / f"{dag}.py").read_text("utf-8"))
    (told,) = [ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)]
    red = told.partition("When it is red")[2]
    heads = [line.partition(":")[0] for line in red.splitlines() if line.startswith("- `")]
    tasks = {name for head in heads for name in re.findall(r"`(\w+)`", head)}
    tasks |= set(re.findall(r"^- `(\w+)` does nothing", red, re.MULTILINE))
    assert tasks
    assert [name for name in sorted(tasks) if f"`{name}`" not in find_sections("task")[dag]] == []


def test_every_link_leads_somewhere() -> None:
    headings = {read_title(title) for title in re.findall(r"^#+ (.*)$", RUNBOOK, re.MULTILINE)}
    links = re.findall(r"\]\(#([^)]+)\)", RUNBOOK)
    assert len(links) > 30 and set(links) <= headings


def find_options(command: Any) -> set[str]:
    return {option for one in command.params for option in (*one.opts, *one.secondary_opts) if option[0] == "-"}


def test_every_command_is_one() -> None:
    known: Any = typer.main.get_command(app)
    calls = find_commands("ward-reports")
    assert {"backup", "restore", "doctor", "migrate", "run", "waiting", "decide", "review"} <= {c[1] for c in calls}
    for _, name, *words in calls:
        assert name in known.commands, name
        given = {word for word in words if word.startswith("--")}
        assert given <= find_options(known.commands[name]) | {"--help"}, (name, given)


def test_every_command_of_airflow_is_one(tmp_path: Path) -> None:
    calls = find_commands("airflow")
    environ = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARSE_AIRFLOW],
        input=json.dumps(calls), capture_output=True, text=True, check=False, env=environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    assert len(done.stdout.splitlines()) == len(calls) > 4


def read_airflow_metrics() -> set[str]:
    """Read the names of the metrics that the installed Airflow sends."""
    spec = find_spec("airflow")
    assert spec and spec.origin
    template = Path(spec.origin).parent / "_shared" / "observability" / "metrics" / "metrics_template.yaml"
    names = {one["name"] for one in yaml.safe_load(template.read_text())["metrics"]}
    return names | {one.replace("{job_name}", job) for one in names for job in ("scheduler", "triggerer")}


def find_watched() -> Iterator[str]:
    for line in RUNBOOK.partition("| watch |")[2].splitlines()[2:]:
        yield from re.findall(r"^\| `([^`]+)`", line)


def test_every_metric_of_airflow_exists() -> None:
    watched = [name for name in find_watched() if not name.startswith("ward_reports.")]
    assert len(watched) > 10
    assert sorted(set(watched) - read_airflow_metrics()) == []


def test_every_figure_of_ours_exists() -> None:
    bodies = "".join(path.read_text("utf-8") for path in (CHECKOUT / "etl" / "health").glob("*.py"))
    ours = [name.removeprefix("ward_reports.") for name in find_watched() if name.startswith("ward_reports.")]
    assert len(ours) > 8
    for name in ours:
        if name.startswith("check."):
            assert name.removeprefix("check.").replace("_", "-") in {check.name for check in CHECKS}
        else:
            assert name.removesuffix("_minutes") in bodies, name


def test_every_setting_of_metrics_is_one_of_airflow() -> None:
    spec = find_spec("airflow")
    assert spec and spec.origin
    known = yaml.safe_load((Path(spec.origin).parent / "config_templates" / "config.yml").read_text())
    wanted = re.findall(r"AIRFLOW__METRICS__(\w+)=", RUNBOOK)
    assert len(wanted) > 4 and {name.lower() for name in wanted} <= known["metrics"]["options"].keys()


def test_every_setting_of_ours_is_one() -> None:
    read: list[str] = []

    class Asked(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            read.append(name)
            return default

    Settings.from_env(Asked())
    assert set(re.findall(r"WARD_REPORTS_\w+", RUNBOOK)) <= set(read)
