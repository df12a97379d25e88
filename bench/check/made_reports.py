"""Make reports with errors that are known: the rows, what was pending before them, and every finding they must give.

`python -m bench.check.made_reports FOLDER --units N --months M` writes rows.parquet, before.parquet, expected.parquet.
"""

import argparse
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.check.made_month import FIELDS, MadeMonth, Town
from bench.check.report_table import lay_before, lay_expected, lay_rows

SEED = 20220414


def write_reports(folder: Path, *, units: int, months: int, seed: int = SEED) -> None:
    """Write the three files, a month at a time."""
    rng = np.random.default_rng(seed)
    town = Town.of(units, rng)
    pending = rng.integers(0, 20, (units, FIELDS))
    pq.write_table(lay_before(town, pending), folder / "before.parquet")
    with ExitStack() as open_files:
        writers: dict[str, pq.ParquetWriter] = {}
        for month in range(months):
            made = MadeMonth.of(town, pending, rng)
            pending = made.closing
            for name, table in (("rows", lay_rows(made, month)), ("expected", lay_expected(made, month))):
                if name not in writers:
                    writers[name] = open_files.enter_context(_writer(folder / f"{name}.parquet", table))
                writers[name].write_table(table)


def _writer(path: Path, like: pa.Table) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, like.schema)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=15)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    write_reports(asked.folder, units=asked.units, months=asked.months, seed=asked.seed)


if __name__ == "__main__":
    main()
