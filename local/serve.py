"""Keep the system running until somebody asks it to stop: the process behind `make up`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from types import FrameType

from local.layout import Layout, write_private
from local.processes import PartDiedError
from local.system import StartError, running_system


def main() -> int:
    """Run the system until SIGTERM; fail if a part of it ends by itself."""
    signal.signal(signal.SIGTERM, end_by_signal)
    layout = Layout.from_env(os.environ)
    address, environment = layout.running / "system.json", layout.running / "environment.json"
    try:
        with running_system(layout, lambda text: print(text, flush=True)) as system:
            write_private(environment, json.dumps(system.environment))
            address.write_text(json.dumps({"pid": os.getpid(), "url": system.url}))
            while True:
                system.parts.check_alive()
                time.sleep(1)
    except (StartError, PartDiedError, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for path in (address, environment):
            path.unlink(missing_ok=True)


def end_by_signal(signum: int, frame: FrameType | None) -> None:
    """Leave through every block that must be closed."""
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
