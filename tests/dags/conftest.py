"""Airflow for tests: a home of its own, set before anything imports it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-")
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(CHECKOUT / "dags")
os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(CHECKOUT / "plugins")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"

for folder in ("plugins", "dags"):
    sys.path.append(str(CHECKOUT / folder))


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Give the folder of the checkout."""
    return CHECKOUT
