"""What one publication says: all that its files, its page and its digest are composed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from etl.model import Finding
from etl.publishing.changes import Changes
from etl.reference import Reference
from etl.town_dataset import TownDataset


@dataclass(frozen=True, slots=True)
class Release:
    """A dataset with its number, its moment (aware) and its context. `number`: 0 where it is not published.

    *Shape* of `months`: the months of the period, or the twelve up to its end where it is shorter: period_key, scope
    ("wards", "desk", "town"), the measures (Int64), units_expected, units_in, is_partial; the oldest first. `changes`:
    None for the first publication. `review`: what is open, the heaviest first, as `etl.review.compose_review` gives
    it. `findings`: those of the reports that the coverage speaks of.
    """

    dataset: TownDataset
    reference: Reference
    number: int
    published_at: datetime
    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: Changes | None = None
    review: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[Finding] = ()
