"""A wide problem with the serving columns of one plan, to read the plan with: no equation is written a second time."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.variables import Some, column_name
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.wide import Wide

Key = tuple[str, str, int, str]
"""Candidate, bucket, period index, slice."""


class Named(NamedTuple):
    """A column by its name alone: it stands in the matrix, and in no PuLP problem."""

    name: str


def with_serving(wide: Wide, keys: Iterable[Key]) -> tuple[Model, Matrix]:
    """The model and matrix of all structural columns and of the serving ones with the keys given.

    The model's `problem` stays that of the wide one, which has other serving columns.
    """
    serving, context = wide.serving, wide.model.context
    point = {(p.candidate.id, p.bucket): n for n, p in enumerate(serving.points)}
    slices = {h: n for n, h in enumerate(context.sets.slices)}
    chosen = sorted((int(np.ravel_multi_index((point[k, b], t, slices[h]), serving.shape)), (k, b, t, h))
                    for k, b, t, h in keys)  # fmt: skip
    numbers = np.array([number for number, _ in chosen], dtype=np.int64)
    matrix = wide.matrix(np.concatenate([np.arange(wide.structural), numbers + wide.structural]))
    serve = Some((key, Named(column_name("serve", key))) for _, key in chosen)
    var = replace(context.var, serve=serve)
    return replace(wide.model, context=replace(context, var=var)), matrix
