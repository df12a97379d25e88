"""Import Great Expectations without the drawing and statistics libraries that none of our rules uses.

It imports altair and scipy.stats with its own expectations: a third of a cold start. Both are put off until somebody
asks them for anything; whoever does gets the real thing. (The standard library's LazyLoader loads a module as soon as a
plain `import` looks at its `__spec__`, so it puts nothing off here.)
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

NEVER_USED_HERE = ("altair", "scipy.stats")


class _Deferred(ModuleType):
    """Stand for a module until it is asked for anything."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def defer_imports() -> None:
    """Put off the imports; do nothing for what is not installed or already imported."""
    for name in NEVER_USED_HERE:
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is not None:
            module = _Deferred(name)
            module.__spec__ = spec
            sys.modules[name] = module
            package, _, child = name.rpartition(".")
            if package:
                setattr(sys.modules[package], child, module)
