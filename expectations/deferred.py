"""Import Great Expectations without the drawing and statistics libraries that none of our rules uses.

It imports altair and scipy.stats with its own expectations: a fifth of a cold start. Both are put off, by the standard
library's LazyLoader, until somebody uses them; whoever does gets the real thing.
"""

import importlib.util
import sys

NEVER_USED_HERE = ("altair", "scipy.stats")


def defer_imports() -> None:
    """Put off the imports; do nothing for what is not installed or already imported."""
    for name in NEVER_USED_HERE:
        if name not in sys.modules:
            _defer(name)


def _defer(name: str) -> None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    package, _, child = name.rpartition(".")
    if package:
        setattr(sys.modules[package], child, module)
