"""Run an `airflow` command in the environment of the system that `make up` has started.

python -m local.airflow backfill create --dag-id close_period --from-date 2022-01-01 --to-date 2022-04-30
"""

from __future__ import annotations

import json
import os
import sys

from local.layout import Layout
from local.system import AIRFLOW


def main() -> int:
    """Become the `airflow` command; say so if nothing is running."""
    path = Layout.from_env(os.environ).running / "environment.json"
    if not path.exists():
        print("Nothing is running here. Start it with: make up", file=sys.stderr)
        return 2
    os.execve(AIRFLOW, [AIRFLOW, *sys.argv[1:]], json.loads(path.read_text()))


if __name__ == "__main__":
    sys.exit(main())
