"""What tests of whole problems share: sets, models, time without end, and a user who asks once to stop."""

from concurrent.futures import wait

import pytest

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build
from fleetopt.model.sets import Sets, build_sets
from fleetopt.solve import stages, threads
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.period_cuts import Cut


def sets_of(instance: Instance) -> Sets:
    """The sets of an instance, with its candidates."""
    offered = offers(instance)
    return build_sets(instance, candidates(instance, offered), offered.offers)


def modelled(instance: Instance) -> tuple[Model, Matrix]:
    """An instance's model and its arrays."""
    offered = offers(instance)
    model = build(instance, candidates(instance, offered), offered.offers)
    return model, matrix_of(model.problem, sum(model.constants.values()))


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


def without_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search whose stages have to do all by themselves."""
    monkeypatch.setattr(stages, "with_period_cuts", lambda model, matrix, *_: Cut(matrix))
