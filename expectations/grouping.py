"""Number rows by what they have in common, so that sums and look-ups over millions of them are plain array indexing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

SPARSE = 8  # numbers may be so many times as large as there are rows: beyond that they are made dense first
Numbers = npt.NDArray[np.int64]


def group_numbers(frame: pd.DataFrame, columns: Sequence[str]) -> Numbers:
    """Number the rows so that those with the same values have the same number: from 0, no larger than memory bears."""
    numbers, size = np.zeros(len(frame), dtype=np.int64), 1
    for column in columns:
        codes, count = _codes(frame[column])
        numbers *= count
        numbers += codes
        size *= count
        if size > SPARSE * len(frame):
            numbers, distinct = pd.factorize(numbers)
            size = len(distinct)
    return numbers


def _codes(column: pd.Series) -> tuple[Numbers, int]:
    """Give the values of a column as numbers from 0, and how many numbers there may be."""
    if column.dtype == np.int64 and len(column):
        values = column.to_numpy()
        lowest, highest = int(values.min()), int(values.max())
        if highest - lowest < len(values):  # near enough to each other to be numbers as they are
            return values - lowest, highest - lowest + 1
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    return codes, len(distinct)


def find_first(numbers: Numbers, among: Numbers) -> npt.NDArray[np.int32]:
    """Find where each number first stands in `among`. *Missing*: -1."""
    size = max(numbers.max(initial=0), among.max(initial=0)) + 1
    place = np.full(size, -1, dtype=np.int32)
    place[among[::-1]] = np.arange(len(among), dtype=np.int32)[::-1]  # of several the last written stays
    return place[numbers]
