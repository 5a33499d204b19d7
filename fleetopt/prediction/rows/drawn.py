"""Models that no table has, drawn from their number of parameters."""

from fleetopt.instance.models import Experts, Model
from fleetopt.prediction.rows.fields import CannotPredictError

WIDTH_A_LAYER = 128
"""Width of the usual transformer against its layers (GPT-3: 12,288 and 96)."""
VOCABULARY = 50_000
LEAST, MOST = 1e6, 1e15
"""Parameters that a language model may have."""


def drawn(parameters: float, active: float) -> Model:
    """A transformer of so many parameters in the usual shape, `active` of them multiplied with each token.

    The usual layer of width h has 12 h^2 parameters, 4 of them attention, and the usual model is 128 times as wide as
    it has layers: h^3 = active x 128 / 12. What attention and the output head leave is the feed-forward part; of a
    mixture of experts it is one expert of as many as make up the total.
    """
    if not LEAST <= active <= parameters * 1.05 or parameters > MOST:
        raise CannotPredictError(f"{parameters:.4g} parameters, {active:.4g} of them active, are no language model's")
    hidden = max(round((active * WIDTH_A_LAYER / 12) ** (1 / 3) / 128), 1) * 128
    layers = max(round(active / (12 * hidden**2)), 1)
    others = layers * 4 * hidden**2 + VOCABULARY * hidden
    inner = max(round((active - others) / (layers * 2 * hidden)), 1)
    heads = hidden // 128
    model = Model(
        id="drawn", layers=layers, hidden=hidden, heads=heads, kv_heads=heads, head_dim=128, dense_ffn=inner,
        ffn_matrices=2, vocab=VOCABULARY,
    )  # fmt: skip
    if parameters <= 1.05 * active:
        return model
    expert = layers * 2 * hidden * inner
    routed = max(round((parameters - others - VOCABULARY * hidden) / expert), 2)
    experts = Experts(routed=routed, active=1, ffn=inner, layers=layers)
    return model.model_copy(update={"dense_ffn": 0, "experts": experts})
