"""The Great Expectations suites a report and a town's dataset must pass, and the expectations they are made of."""

import logging

from expectations.deferred import defer_imports

# Both before anything imports Great Expectations: its log, and half a second to two of every cold start.
logging.getLogger("great_expectations").setLevel(logging.WARNING)
defer_imports()
