"""The rules as dbt tests on DuckDB, a singular test a rule, with their failures stored as tables."""

import os
import tempfile
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from bench.check.contender import run
from bench.check.in_sql import compose_statements
from bench.check.rules import KEYS

PROJECT = """\
name: reports
version: "1.0"
profile: reports
flags: {send_anonymous_usage_stats: false, use_colors: false}
data_tests:
  +store_failures: true
"""
PROFILE = """\
reports:
  target: duckdb
  outputs:
    duckdb: {{type: duckdb, path: "{database}", threads: {threads}}}
"""
SOURCES = """\
version: 2
sources:
  - name: main
    tables: [{name: rows}, {name: before}]
"""
SCHEMA = "main_dbt_test__audit"  # where dbt stores failures


def load(folder: Path) -> Path:
    """Give the folder of a project whose database holds the reports."""
    project = Path(tempfile.mkdtemp(prefix="dbt-", dir=folder))
    with duckdb.connect(project / "reports.duckdb") as conn:
        for name in ("rows", "before"):
            conn.execute(f"CREATE TABLE {name} AS FROM '{folder / name}.parquet'")
    files = {
        "dbt_project.yml": PROJECT,
        "profiles.yml": PROFILE.format(database=project / "reports.duckdb", threads=os.cpu_count()),
        "models/sources.yml": SOURCES,
    }
    sources = {name: f"{{{{ source('main', '{name}') }}}}" for name in ("rows", "before")}
    files |= {f"tests/{_name(rule)}.sql": text for rule, text in compose_statements(**sources).items()}
    for name, text in files.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    return project


def find(project: Path) -> Path:
    """Run the tests; they leave the keys of what they found in the database."""
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    outcome = dbtRunner().invoke(["--quiet", "test", "--project-dir", str(project), "--profiles-dir", str(project)])
    if outcome.exception:
        raise outcome.exception
    return project


def store(project: Path, path: Path) -> None:
    parts = " UNION ".join(
        f"SELECT *, '{rule}' AS {KEYS[-1]} FROM {SCHEMA}.{_name(rule)}" for rule in compose_statements()
    )
    with duckdb.connect(project / "reports.duckdb") as conn:
        conn.execute(f"COPY ({parts}) TO '{path}' (FORMAT parquet)")


def _name(rule: str) -> str:
    return rule.lower().replace(".", "_").replace("-", "_")


if __name__ == "__main__":
    run("dbt", load, find, store)
