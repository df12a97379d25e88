"""Say whether a contender found what it must: `python -m bench.check.comparison FOLDER NAME`; an error where not."""

import sys
from pathlib import Path

import pandas as pd

from bench.check.rules import KEYS


def compare(folder: Path, name: str) -> list[str]:
    """List, by rule, what was not found and what was found besides. *Shape*: nothing where the sets are the same."""
    expected, found = (pd.read_parquet(folder / f"{file}.parquet") for file in ("expected", f"found-{name}"))
    both = expected.drop_duplicates().merge(
        found[list(KEYS)].drop_duplicates(), how="outer", on=list(KEYS), indicator="where"
    )
    different = both[both["where"] != "both"]
    words = {"left_only": "not found", "right_only": "found besides"}
    return [
        f"{name}, {rule}: {len(rows)} {words[str(where)]}, such as {rows[list(KEYS)].iloc[0].tolist()}"
        for (where, rule), rows in different.groupby(["where", "rule"], observed=True)
    ]


if __name__ == "__main__":
    if listed := compare(Path(sys.argv[1]), sys.argv[2]):
        sys.exit("\n".join(listed))
