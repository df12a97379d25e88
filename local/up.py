"""Start the system and leave it running: `make up`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from local.layout import USER, Layout, Secrets
from local.processes import read_end
from local.system import is_system_running


def main() -> int:
    """Start the system in the background, wait until it is ready, and say how to use it."""
    layout = Layout.from_env(os.environ)
    address = layout.running / "system.json"
    if is_system_running(layout):
        if not address.exists():
            print(f"A demo or a start is under way in {layout.home}.", file=sys.stderr)
            return 1
        print("It is already running.")
        return print_use(layout)
    address.unlink(missing_ok=True)
    log = layout.logs / "system.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "local.serve"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    print("Starting PostgreSQL, Airflow and the mail server. The first time takes half a minute …", flush=True)
    while not address.exists():
        if server.poll() is not None:
            print(f"It could not be started. The log: {log}\n{read_end(log)}", file=sys.stderr)
            return 1
        time.sleep(0.3)
    return print_use(layout)


def print_use(layout: Layout) -> int:
    """Say where everything is."""
    url = json.loads((layout.running / "system.json").read_text())["url"]
    print(f"""
  Airflow     {url}   user {USER}   password {Secrets.read_or_create(layout.airflow).password}
  inbox       {layout.inbox}   (looked at every quarter of an hour; or start the DAG "intake" now)
  published   {layout.published}
  mails       {layout.mails}
  logs        {layout.logs}

Stop it with: make down""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
