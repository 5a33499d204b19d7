"""Speculative decoding: a pass verifies drafted tokens of every request, and each gains several tokens from it.

    time of a token = (verifying pass of k + 1 tokens a request + k drafting passes) / tokens gained in a pass

The verifying pass reads weights and KV once for all of its tokens, but computes, sends and samples k + 1 a request, and
touches the experts of all of them. Each drafting pass takes one token of every request through the drafter: a few
layers of the model's own kind, or a small model. The drafter's weights and cache are held beside the model's (M1), and
it prefills prompts as well. Cache that is moved or parked is the model's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from fleetopt.instance.models import Model
from fleetopt.instance.speculation import Speculation
from fleetopt.prediction.costs import Load
from fleetopt.prediction.types import Layout


@dataclass(frozen=True, slots=True)
class Drafting:
    """How the tokens of a pass are drafted."""

    tokens: int
    """Drafted for each pass."""
    gained: float
    """Tokens that a request gains in a pass."""
    drafter: Model | None
    """What drafts; None where a look-up does."""
    own_embeddings: bool
    """Whether the drafter is a model apart, with embeddings of its own."""


def drafting_of(speculation: Speculation | None, model: Model, models: Iterable[Model] = ()) -> Drafting | None:
    """How a model is drafted for; `models` holds the draft model where there is one."""
    if speculation is None:
        return None
    if speculation.draft_model is not None:
        drafter: Model | None = next(one for one in models if one.id == speculation.draft_model)
    else:
        drafter = layers_like(model, speculation.draft_layers) if speculation.draft_layers else None
    apart = speculation.draft_model is not None
    return Drafting(speculation.draft_tokens, speculation.tokens_per_pass, drafter, apart)


def layers_like(model: Model, layers: int) -> Model:
    """So many layers of the model's own kind, all with full attention, with experts where the model has them."""
    experts = model.experts.model_copy(update={"layers": layers}) if model.experts else None
    update = {"layers": layers, "experts": experts, "full_attention_layers": None, "sliding_layers": 0}
    return model.model_copy(update=update)


def of_the_drafter(layout: Layout) -> Layout:
    """Where the drafter runs: on the tensor group of the last stage."""
    return Layout(layout.tensor, 1, layout.expert, layout.attention_data)


def together(load: Load, drafted: Load, times: float) -> Load:
    """A pass with `times` drafting passes in the same step of the engine."""
    each = drafted._replace(steps=0.0)
    return Load(*(one + times * other for one, other in zip(load, each, strict=True)))


def a_token(load: Load, gained: float) -> Load:
    """What each gained token takes of a pass."""
    return Load(*(amount / gained for amount in load))
