"""The check between building the town's dataset and publishing it."""

from collections.abc import Iterator

import pandas as pd

from etl.errors import LoadError
from etl.model import Finding
from etl.periods import Period
from etl.reference import Reference
from etl.rules import compose_finding
from etl.town_dataset import TownDataset
from expectations.town_dataset import build_town_suite
from expectations.validate import validate


def check_town(dataset: TownDataset, reference: Reference) -> None:
    """Let nothing be published that does not add up.

    *Raises*: LoadError with what does not: every report in it was accepted, so the fault is this program's.
    """
    broken = validate(dataset.frame, build_town_suite(reference.form))
    if broken:
        told = "; ".join(f"{rule}: {breaches[:3]}" for rule, (_, breaches) in broken.items())
        raise LoadError(f"the town's dataset of {dataset.period.key} does not add up and was not published: {told}")


def find_missing(coverage: pd.DataFrame, period: Period, reference: Reference) -> Iterator[Finding]:
    """Say of each unit that owes a report that none has come. *Shape*: see `etl.town_dataset.TownDataset`."""
    due = reference.town.due_at(period)
    when = (f"{due:%H:%M %d/%m/%Y}",) * 2 if due else ("chưa quy định cho kỳ này", "not set for this period")
    owed = coverage[coverage["expected"] & (coverage["status"] == "missing")]
    for code, name in zip(owed["unit_code"], owed["unit_name"], strict=True):
        words = {"found": (name, name), "expected": when}
        yield compose_finding("L.missing", words=words, unit=code, period=period.key, found=name)
