"""The suite a town's dataset must pass before it is published: what was accepted adds up."""

from great_expectations import ExpectationSuite
from great_expectations.expectations.metadata_types import FailureSeverity

from etl.forms import Form
from expectations.custom import ExpectTownToBeTheSum
from expectations.ward_report import build_suite


def build_town_suite(form: Form) -> ExpectationSuite:
    """Build the suite for `etl.town_dataset.TownDataset.frame`.

    Balances are not judged again: a town may weigh one as a warning, and a break in the chain of stocks between two
    months rightly shows in the sums over them.
    """
    expectation = ExpectTownToBeTheSum(
        rule="T.town",
        measures=list(form.measure_names),
        severity=FailureSeverity.CRITICAL,
        meta={"rule": "T.town"},
    )
    return build_suite("town_dataset", iter([expectation]))
