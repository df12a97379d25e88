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
        codes, values = pd.factorize(frame[column], use_na_sentinel=False)
        numbers *= len(values)
        numbers += codes
        size *= len(values)
        if size > SPARSE * len(frame):
            numbers, distinct = pd.factorize(numbers)
            size = len(distinct)
    return numbers


def find_first(numbers: Numbers, among: Numbers) -> npt.NDArray[np.int32]:
    """Find where each number first stands in `among`. *Missing*: -1."""
    size = max(numbers.max(initial=0), among.max(initial=0)) + 1
    place = np.full(size, -1, dtype=np.int32)
    place[among[::-1]] = np.arange(len(among), dtype=np.int32)[::-1]  # of several the last written stays
    return place[numbers]
