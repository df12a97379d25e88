"""One entry of the ledger of publications: what the hop that publishes gives, and the digest tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from etl.publishing.release import Release


@dataclass(frozen=True, slots=True)
class Publication:
    """One entry of the ledger. `is_new`: it was entered just now; `files`: name → sha256; `release`: what it says."""

    period_key: str
    number: int
    published_at: datetime
    is_new: bool
    content_sha256: str
    files: Mapping[str, str]
    release: Release

    @property
    def is_restatement(self) -> bool:
        return self.number > 1
