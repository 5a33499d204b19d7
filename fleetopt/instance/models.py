"""Language models: the architecture facts prediction needs."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Section
from fleetopt.units import Tokens

Precision = Literal["fp32", "bf16", "fp8", "fp4", "int4"]
"""Formats of weights and KV; int8 counts as fp8, and int4 is stored so but multiplied in bf16."""


class Experts(Section):
    """Mixture-of-experts feed-forward layers."""

    routed: int = Field(ge=1)
    """Routed experts a layer."""
    active: int = Field(ge=1)
    """Routed experts each token visits."""
    ffn: int = Field(ge=1)
    """Hidden width of one expert."""
    shared_ffn: int = Field(default=0, ge=0)
    """Total hidden width of the experts every token visits."""
    layers: int = Field(ge=1)
    """Layers with experts; the others are dense."""


class LatentAttention(Section):
    """Multi-head latent attention (MLA)."""

    q_lora: int = Field(ge=0)
    """Rank of the query projection."""
    kv_lora: int = Field(ge=1)
    """Rank of the cached latent."""
    rope_dim: int = Field(ge=0)
    """Rotary part of a head, cached once."""
    nope_dim: int = Field(ge=1)
    """Non-rotary part of a head."""
    v_dim: int = Field(ge=1)
    """Value width of a head."""


class Model(Entity):
    """A transformer language model."""

    layers: int = Field(ge=1)
    """Transformer layers."""
    hidden: int = Field(ge=1)
    """Residual width."""
    heads: int = Field(ge=1)
    """Query heads."""
    kv_heads: int = Field(ge=1)
    """Key/value heads (query heads for MLA)."""
    head_dim: int = Field(ge=1)
    """Width of a head."""
    dense_ffn: int = Field(default=0, ge=0)
    """Hidden width of the dense feed-forward layers."""
    ffn_matrices: int = Field(default=3, ge=2, le=3)
    """3 for gated feed-forward layers, else 2."""
    vocab: int = Field(ge=1)
    """Vocabulary size; input and output embeddings are counted apart."""
    experts: Experts | None = None
    """Mixture of experts, where there is one."""
    mla: LatentAttention | None = None
    """Latent attention, where there is one."""
    full_attention_layers: int | None = Field(default=None, ge=0)
    """Layers whose KV cache grows with context; all where absent."""
    sliding_layers: int = Field(default=0, ge=0)
    """Layers that attend within `sliding_window`."""
    sliding_window: int = Field(default=0, ge=0)
    """Window of the sliding layers, in tokens."""
    max_context: Tokens = 131072
    """Longest context the model takes."""
    native_precision: Precision = "bf16"
    """Format the weights were released in."""
