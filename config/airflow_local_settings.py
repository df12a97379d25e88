"""Import what every task needs once, before the scheduler or a worker forks them: 3 s instead of 49 s for 15 tasks."""

import sys

__all__: list[str] = []

FORKS_TASKS = {"scheduler", "worker"}
MODULES = ("pandas", "great_expectations", "etl.pipeline")

if FORKS_TASKS & set(sys.argv[1:3]):
    import importlib
    import logging

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    for module in MODULES:
        importlib.import_module(module)
