"""Which AI chips, memory, power and sites to buy, when and where, at the lowest proven cost.

The public names are imported when first used, so that `import fleetopt` and `fleetopt --help` stay quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fleetopt.instance.load import load
    from fleetopt.instance.schema import Instance
    from fleetopt.pipeline import Result, SolveOptions, solve
    from fleetopt.plan import Plan
    from fleetopt.suite import run_suite

__version__ = "0.1.0"
__all__ = ["Instance", "Plan", "Result", "SolveOptions", "load", "run_suite", "solve"]

_HOMES = {
    "Instance": "fleetopt.instance.schema",
    "Plan": "fleetopt.plan",
    "Result": "fleetopt.pipeline",
    "SolveOptions": "fleetopt.pipeline",
    "load": "fleetopt.instance.load",
    "run_suite": "fleetopt.suite",
    "solve": "fleetopt.pipeline",
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'fleetopt' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
