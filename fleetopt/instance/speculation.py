"""Speculative or multi-token decoding: what is drafted, and how much of it is kept."""

from typing import Self

from pydantic import Field, model_validator

from fleetopt.instance.base import Id, Section


class Speculation(Section):
    """Tokens are drafted cheaply and verified together in one pass of the model, which keeps those it agrees with."""

    draft_tokens: int = Field(ge=1, le=64)
    """Tokens drafted for each pass; a pass verifies them and adds one token of its own."""
    tokens_per_pass: float = Field(ge=1)
    """Acceptance length: tokens a request gains in a pass, its own one included, as measured on the workload."""
    draft_layers: int = Field(default=1, ge=0)
    """Layers like the model's own that each drafted token runs through: 1 for a multi-token-prediction head or EAGLE, 0
    for a look-up of n-grams, which costs nothing."""
    draft_model: Id | None = None
    """Model of the instance that drafts instead, on the same chips."""

    @model_validator(mode="after")
    def _at_most_what_is_drafted(self) -> Self:
        if self.tokens_per_pass > self.draft_tokens + 1:
            raise ValueError(
                f"tokens_per_pass {self.tokens_per_pass:g} is more than draft_tokens + 1; try at most "
                f"{self.draft_tokens + 1}"
            )
        if self.draft_model is not None and "draft_layers" in self.model_fields_set:
            raise ValueError("draft_layers and draft_model are two ways to draft; try one of them")
        return self
