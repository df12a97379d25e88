"""The check between building the town's dataset and publishing it."""

from etl.errors import LoadError
from etl.reference import Reference
from etl.town import TownDataset
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
