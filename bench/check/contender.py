"""What every contender's program does: read the files, find the errors, store what was found, tell the time it took.

Imports only the standard library: the environments of the contenders have little in common.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def run(name: str, load: Callable[[Path], Any], find: Callable[[Any], Any], store: Callable[[Any, Path], None]) -> None:
    """Run one contender on the folder that is given; print what it took as JSON on the last line.

    `load` brings the reports into memory, `find` gives the keys of all broken rules (that is the validation alone),
    `store` writes them as Parquet, with the columns of `bench.check.rules.KEYS`.
    """
    parser = argparse.ArgumentParser(description=f"Check the reports in a folder by {name}.")
    parser.add_argument("folder", type=Path, help="where bench.check.made_reports has written")
    folder = parser.parse_args().folder
    loaded = load(folder)
    start, cpu = time.perf_counter(), time.process_time()
    found = find(loaded)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    store(found, folder / f"found-{name}.parquet")
    print(json.dumps({"validation": seconds, "cpu": cpu, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """Give the most memory that this process has held. *Units*: 10⁶ bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / 1e6
