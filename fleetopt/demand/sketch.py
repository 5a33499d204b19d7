"""Joint distribution of input and output tokens in bounded memory: a grid of cells, each with its exact sums.

Lines of the grid are every token up to 32 and then 16 an octave (4.4 % apart). Whatever cells are put together, means
and products of the requests in them are exact: the grid limits only where a cut can lie.
"""

import numpy as np
from numpy.typing import NDArray

from fleetopt.demand.rows import Batch

Floats = NDArray[np.float64]
_EXACT = 32
_PER_OCTAVE = 16
_OCTAVES = 22
LINES = _EXACT + _PER_OCTAVE * _OCTAVES
"""Bands along each axis: up to 32 x 2^22, 134 million tokens."""
MOMENTS = ("requests", "input", "output", "input2", "product", "output2")


def band_of(tokens: NDArray[np.int64]) -> NDArray[np.int64]:
    """Band of the grid that a number of tokens lies in; the larger, the higher."""
    octave = np.frexp(np.maximum(tokens, 1).astype(np.float64))[1].astype(np.int64) - 1
    shift = octave - 4
    fine = _EXACT + (octave - 5) * _PER_OCTAVE + (np.right_shift(tokens, np.maximum(shift, 0)) & (_PER_OCTAVE - 1))
    return np.where(tokens < _EXACT, tokens, fine)


def band_start(band: int) -> int:
    """Least tokens of a band."""
    if band < _EXACT:
        return band
    octave, part = divmod(band - _EXACT, _PER_OCTAVE)
    return (_PER_OCTAVE + part) << (octave + 1)


class SizeSketch:
    """Sums over the requests of each cell: how many, input, output, input², input x output, output²."""

    def __init__(self) -> None:
        self.sums: Floats = np.zeros((len(MOMENTS), LINES, LINES))
        self.largest = {"input": 0, "output": 0, "both": 0}
        """Most tokens of a request."""

    def add(self, batch: Batch) -> None:
        """Count the requests of a batch."""
        if not len(batch.time_us):
            return
        cells, place = np.unique(
            band_of(batch.input_tokens) * LINES + band_of(batch.output_tokens), return_inverse=True
        )
        i, o = batch.input_tokens.astype(np.float64), batch.output_tokens.astype(np.float64)
        for n, weights in enumerate((None, i, o, i * i, i * o, o * o)):
            self.sums[n].reshape(-1)[cells] += np.bincount(place, weights)
        tokens = {"input": batch.input_tokens, "output": batch.output_tokens}
        for name, each in (*tokens.items(), ("both", batch.input_tokens + batch.output_tokens)):
            self.largest[name] = max(self.largest[name], int(each.max()))

    def totals(self) -> dict[str, float]:
        """Each sum over all requests."""
        return {name: float(self.sums[n].sum()) for n, name in enumerate(MOMENTS)}
