"""Which AI chips, memory, power and sites to buy, when and where, at the lowest proven cost.

The public names are imported when first used, so that `import fleetopt` and `fleetopt --help` stay quick.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fleetopt.instance.load import Loaded, load
    from fleetopt.instance.schema import Instance
    from fleetopt.pipeline import Result, SolveOptions, solve
    from fleetopt.pipeline.alternative_plans import AlternativesOptions, find_alternatives
    from fleetopt.pipeline.explanation import ExplainOptions, explain
    from fleetopt.plan import Plan
    from fleetopt.suite import find_flip, run_suite

__version__ = "0.1.0"
__all__ = [
    "AlternativesOptions",
    "ExplainOptions",
    "Instance",
    "Loaded",
    "Plan",
    "Result",
    "SolveOptions",
    "explain",
    "find_alternatives",
    "find_flip",
    "load",
    "run_suite",
    "solve",
]

_HOMES = {
    "AlternativesOptions": "fleetopt.pipeline.alternative_plans",
    "ExplainOptions": "fleetopt.pipeline.explanation",
    "Instance": "fleetopt.instance.schema",
    "Loaded": "fleetopt.instance.load",
    "Plan": "fleetopt.plan",
    "Result": "fleetopt.pipeline",
    "SolveOptions": "fleetopt.pipeline",
    "explain": "fleetopt.pipeline.explanation",
    "find_alternatives": "fleetopt.pipeline.alternative_plans",
    "find_flip": "fleetopt.suite",
    "load": "fleetopt.instance.load",
    "run_suite": "fleetopt.suite",
    "solve": "fleetopt.pipeline",
}


class _Package(ModuleType):
    """The package: public names on first use.

    `solve` is a public function and a room; importing the room binds its name here, which must not hide the function.
    """

    def __getattr__(self, name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'fleetopt' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "solve":
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted([*self.__dict__, *__all__])


sys.modules[__name__].__class__ = _Package
