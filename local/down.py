"""Stop what `make up` has started: `make down`."""

from __future__ import annotations

import json
import os
import sys

from etl.embedded import embedded_server
from local.layout import Layout
from local.processes import PATIENCE_SECONDS, stop_recorded, terminate, wait_until_gone
from local.system import is_system_running


def main() -> int:
    """Stop the system, and whatever a killed one has left behind."""
    layout = Layout.from_env(os.environ)
    address = layout.running / "system.json"
    if is_system_running(layout):
        if not address.exists():
            print(
                f"A demo or a start is under way in {layout.home}: stop it with Ctrl-C where it runs.", file=sys.stderr
            )
            return 1
        pid = json.loads(address.read_text())["pid"]
        terminate(pid)
        if not wait_until_gone(pid, seconds=4 * PATIENCE_SECONDS):
            print(f"It did not stop. See {layout.logs / 'system.log'}", file=sys.stderr)
            return 1
    sweep(layout)
    print("Stopped.")
    return 0


def sweep(layout: Layout) -> None:
    """End what a killed system has left running: parts of Airflow, and a PostgreSQL that nobody uses."""
    stop_recorded(layout.running / "processes.json")
    (layout.running / "system.json").unlink(missing_ok=True)
    with embedded_server(layout.postgres):
        pass


if __name__ == "__main__":
    sys.exit(main())
