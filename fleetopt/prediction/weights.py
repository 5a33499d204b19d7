"""Weights: how many parameters a model has, how many bytes they take, and which of them a step reads."""

from dataclasses import dataclass

from fleetopt.instance.models import Model, Precision

#: Bytes a parameter, scales included: fp4 carries an 8-bit scale for each 16 values (NVFP4): 0.5 + 1/16; int4 the same
#: (a 16-bit scale for each 32).
BYTES_PER_PARAMETER: dict[Precision, float] = {"fp32": 4.0, "bf16": 2.0, "fp8": 1.0, "fp4": 0.5625, "int4": 0.5625}


@dataclass(frozen=True, slots=True)
class Weights:
    """Parameters by what reads them, over all layers; norms and biases are ignored."""

    attention: float
    """Projections of every attention layer."""
    dense: float
    """Dense feed-forward layers, experts every token visits, and routers."""
    experts: float
    """All routed experts."""
    routed: int
    """Routed experts a layer; 0 where there are none."""
    active: int
    """Routed experts a token visits."""
    embedding: float
    """Input embedding, held but looked up a row at a time; the output head is as large and read in full."""

    @property
    def total(self) -> float:
        """All parameters, both embeddings included."""
        return self.attention + self.dense + self.experts + 2 * self.embedding

    @property
    def matmul_active(self) -> float:
        """Parameters a token is multiplied with: everything it visits but the input embedding."""
        return self.attention + self.dense + self.experts * self.expert_share + self.embedding

    @property
    def expert_share(self) -> float:
        """Share of the routed experts one token visits."""
        return self.active / self.routed if self.routed else 0.0


def weights_of(model: Model) -> Weights:
    """Parameter counts from the architecture."""
    experts = model.experts
    expert_layers = experts.layers if experts else 0
    dense = (model.layers - expert_layers) * model.ffn_matrices * model.hidden * model.dense_ffn
    routed_parameters = 0
    if experts:
        dense += expert_layers * (
            model.ffn_matrices * model.hidden * experts.shared_ffn + model.hidden * experts.routed
        )
        routed_parameters = expert_layers * experts.routed * model.ffn_matrices * model.hidden * experts.ffn
    return Weights(
        attention=float(model.layers * _attention_layer(model)),
        dense=float(dense),
        experts=float(routed_parameters),
        routed=experts.routed if experts else 0,
        active=experts.active if experts else 0,
        embedding=float(model.vocab * model.hidden),
    )


def _attention_layer(model: Model) -> int:
    """Parameters of one layer's projections: queries, keys, values, output."""
    if model.mla is None:
        return model.hidden * model.head_dim * (2 * model.heads + 2 * model.kv_heads)
    mla = model.mla
    query_width = model.heads * (mla.nope_dim + mla.rope_dim)
    query = mla.q_lora * (model.hidden + query_width) if mla.q_lora else model.hidden * query_width
    latent = model.hidden * (mla.kv_lora + mla.rope_dim) + mla.kv_lora * model.heads * (mla.nope_dim + mla.v_dim)
    return query + latent + model.heads * mla.v_dim * model.hidden


@dataclass(frozen=True, slots=True)
class Formats:
    """The format each group of weights is kept and multiplied in."""

    attention: Precision
    dense: Precision
    experts: Precision
    embedding: Precision


def formats_of(weights: Weights, precision: Precision) -> Formats:
    """What a checkpoint "in `precision`" holds.

    Embeddings stay in bf16 below bf16. An fp4 mixture of experts quantises its experts alone (NVFP4 and MXFP4
    releases keep attention in bf16); a dense 4-bit model quantises every linear layer.
    """
    if precision in ("fp32", "bf16"):
        return Formats(precision, precision, precision, precision)
    if precision in ("fp4", "int4") and weights.routed:
        return Formats("bf16", "bf16", precision, "bf16")
    return Formats(precision, precision, precision, "bf16")


def weight_bytes(weights: Weights, precision: Precision) -> float:
    """Bytes of the whole checkpoint."""
    formats = formats_of(weights, precision)
    return (
        weights.attention * BYTES_PER_PARAMETER[formats.attention]
        + weights.dense * BYTES_PER_PARAMETER[formats.dense]
        + weights.experts * BYTES_PER_PARAMETER[formats.experts]
        + 2 * weights.embedding * BYTES_PER_PARAMETER[formats.embedding]
    )


def experts_touched(routed: int, active: int, tokens: float) -> float:
    """Distinct experts of a layer that `tokens` tokens visit: E (1 - (1 - k/E)^T), routing taken as uniform."""
    untouched: float = (1.0 - active / routed) ** tokens
    return routed * (1.0 - untouched)
