"""What tests of wide problems share: sets, time without end, and a user who asks once to stop."""

from concurrent.futures import wait

import pytest

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.schema import Instance
from fleetopt.model.sets import Sets, build_sets
from fleetopt.solve import threads


def sets_of(instance: Instance) -> Sets:
    """The sets of an instance, with its candidates."""
    offered = offers(instance)
    return build_sets(instance, candidates(instance, offered), offered.offers)


def ample() -> float:
    """Seconds left."""
    return 600.0


def quiet(*_: object) -> None:
    """Nobody to tell."""


def ask_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C as soon as tasks run side by side, and not again."""
    asked = iter([KeyboardInterrupt()])

    def interrupted(*given: object) -> object:
        for error in asked:
            raise error
        return wait(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(threads, "wait", interrupted)
