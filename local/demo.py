"""Show the whole way once, on the samples: `make demo`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from etl.errors import EtlError
from local.airflow_api import ApiError
from local.layout import CHECKOUT, Layout
from local.operations import RunFailedError, backfill, drop, take_in
from local.processes import PartDiedError
from local.serve import end_by_signal
from local.system import WARD_REPORTS, RunningSystem, StartError, running_system

SAMPLES = CHECKOUT / "samples"
FIRST, LAST = "2022-01", "2022-04"


def main() -> int:
    """Run the demo; say what went wrong and where to look, if something does."""
    signal.signal(signal.SIGTERM, end_by_signal)
    layout = Layout.from_env(os.environ)
    say = compose_clock()
    try:
        with running_system(layout, say) as system:
            say(f"ready: {system.url}")
            show(system)
    except (StartError, PartDiedError, RunFailedError, ApiError, EtlError, TimeoutError) as error:
        print(f"\nThe demo stopped: {error}\nAll logs: {layout.logs}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped by Ctrl-C.", file=sys.stderr)
        return 130
    print_places(layout)
    return 0


def show(system: RunningSystem) -> None:
    """Take in each wave of samples, backfill the four months, and print the town's figures."""
    for wave, folders in find_waves().items():
        number = sum(drop(folder, system.layout.inbox) for folder in folders)
        system.say(f"{wave}: {number} files in the inbox; intake takes them in")
        take_in(system)
        tell_absent(system)
    system.say(f"backfill of close_period, {FIRST} to {LAST}")
    backfill(system, first=f"{FIRST}-01", last=f"{LAST}-30", again=True)
    system.say(f"the four months as one publication: {FIRST} to {LAST}")
    system.run_command("publish", WARD_REPORTS, "publish", FIRST, LAST)
    system.say("published")
    for command in (("town", FIRST, LAST), ("status",)):
        print("\n" + system.run_command(command[0], WARD_REPORTS, *command), flush=True)


def tell_absent(system: RunningSystem) -> None:
    """Say which wards are missing, refused or unreadable as things stand."""
    for line in system.run_command("status", WARD_REPORTS, "status", "--json").splitlines():
        row = json.loads(line)
        if "unreadable" in row:
            system.say(f"  unreadable    {row['unreadable']['name']}")
        elif not row["status"].startswith("accepted"):
            system.say(f"  {row['status']:<13} {row['period_key']:<8} {row['unit_name']}  {row['findings'] or ''}")


def find_waves() -> dict[str, list[Path]]:
    """Find the folders of samples by the wave in which the wards sent them: month/wave/sender/file."""
    folders = sorted(folder for folder in SAMPLES.glob("20*/*") if folder.is_dir())
    if not folders:
        raise StartError(f"there are no samples in {SAMPLES}")
    return {wave: [folder for folder in folders if folder.name == wave] for wave in sorted({f.name for f in folders})}


def print_places(layout: Layout) -> None:
    """Say where everything lies that the demo has left."""
    print(f"""
  mails       {layout.mails}
  published   {layout.published}
  logs        {layout.logs}

Everything is stopped. To look around in Airflow's pages: make up""")


def compose_clock() -> Callable[[str], None]:
    """Compose a function that prints a line with the seconds since now."""
    start = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {text}", flush=True)

    return say


if __name__ == "__main__":
    sys.exit(main())
