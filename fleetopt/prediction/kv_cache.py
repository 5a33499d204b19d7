"""The KV cache: bytes a sequence holds, how it is sharded, and the arithmetic of attending to it."""

from dataclasses import dataclass

from fleetopt.instance.models import Model, Precision

#: Bytes a cached element; paging and scale overheads are ignored.
KV_BYTES: dict[Precision, float] = {"fp32": 4.0, "bf16": 2.0, "fp8": 1.0, "fp4": 0.5, "int4": 0.5}
#: Width of a head of linear attention, whose state is width x width (Gated DeltaNet and KDA models use 128).
LINEAR_HEAD_DIM = 128


@dataclass(frozen=True, slots=True)
class KvShape:
    """Cached elements and attention arithmetic of one model, over all layers."""

    growing: float
    """Elements a token adds in the layers that attend to everything."""
    sliding: float
    """Elements a token adds in sliding-window layers, up to `window` tokens."""
    window: float
    """Window of the sliding layers, tokens."""
    state: float
    """Elements of linear-attention state, the same for every length."""
    heads: int
    """Heads the cache can be split over between tensor ranks; 1 for a latent, which is replicated."""
    decode_flop: float
    """Per query token and context token, layers with full attention (latents: in absorbed form)."""
    prefill_flop: float
    """Per query token and context token, layers with full attention."""
    sliding_flop: float
    """Per query token and context token inside the window, sliding layers."""

    def elements(self, tokens: float) -> float:
        """Cached elements of a sequence of `tokens` tokens."""
        return self.growing * tokens + self.sliding * min(tokens, self.window) + self.state

    def decode_step_flop(self, context: float) -> float:
        """Attention arithmetic of one new token."""
        return self.decode_flop * context + self.sliding_flop * min(context, self.window) + 4 * self.state

    def prefill_pass_flop(self, tokens: float, cached: float) -> float:
        """Attention arithmetic of `tokens` new tokens after `cached` earlier ones, causal (half of the square)."""
        pairs = tokens * (cached + tokens / 2)
        inside = tokens * min(self.window, cached + tokens / 2)
        return self.prefill_flop * pairs + self.sliding_flop * inside + 4 * self.state * tokens


def kv_shape_of(model: Model) -> KvShape:
    """Count each kind of layer: full, sliding window, and the rest, which keep a state of constant size."""
    full = model.full_attention_layers
    if full is None:
        full = model.layers - model.sliding_layers
    linear = max(model.layers - full - model.sliding_layers, 0)
    pair_flop = 4.0 * model.heads * model.head_dim
    decode_flop = prefill_flop = pair_flop
    elements, heads = 2 * model.kv_heads * model.head_dim, model.kv_heads
    if model.mla is not None:
        mla = model.mla
        elements, heads = mla.kv_lora + mla.rope_dim, 1
        decode_flop = 2.0 * model.heads * (2 * mla.kv_lora + mla.rope_dim)
        prefill_flop = 2.0 * model.heads * (mla.nope_dim + mla.rope_dim + mla.v_dim)
    return KvShape(
        growing=float(full * elements),
        sliding=float(model.sliding_layers * elements),
        window=float(model.sliding_window),
        state=float(linear * model.heads * LINEAR_HEAD_DIM**2),
        heads=heads,
        decode_flop=full * decode_flop,
        prefill_flop=full * prefill_flop,
        sliding_flop=model.sliding_layers * pair_flop,
    )


def kv_gb_per_sequence(shape: KvShape, kv_precision: Precision, tokens: float) -> float:
    """GB of cache of one sequence of `tokens` tokens."""
    return shape.elements(tokens) * KV_BYTES[kv_precision] / 1e9
