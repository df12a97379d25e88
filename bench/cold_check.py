"""Time a cold check of one file against the bare import of Great Expectations: `python -m bench.cold_check`."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 5
SAMPLE = next(Path("samples/2022-04/1-first/09574").iterdir())
PROGRAMS = {
    "python, nothing imported": "pass",
    "import pandas": "import pandas",
    "import great_expectations": "import great_expectations",
    "ward-reports check, one file": f"import sys; sys.argv = ['ward-reports', 'check', {str(SAMPLE)!r}]\n"
    "from etl.cli import main\nmain()",
}


def main() -> None:
    """Print the median wall time of each, the programs taking turns, and its ratio to the bare import."""
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
            seconds[name].append(time.perf_counter() - start)
    bare = statistics.median(seconds["import great_expectations"])
    print("| cold process | median of 5, s | ratio |\n|---|--:|--:|")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(f"| {name} | {middle:.2f} | {middle / bare:.2f} |")


if __name__ == "__main__":
    main()
